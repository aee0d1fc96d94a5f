"""pachctl idp."""

from __future__ import annotations

from calf.cli.passing import Passed, passing_group

_API = "identity_v2.API"

command = passing_group(
    "idp",
    "Ask Pachyderm's identity server: who may log in, and from where.",
    [
        Passed("create-connector", "Add a connector.", f"{_API}/CreateIDPConnector", document="connector"),
        Passed("get-connector", "Show a connector.", f"{_API}/GetIDPConnector", ("id",)),
        Passed("list-connector", "List the connectors.", f"{_API}/ListIDPConnectors"),
        Passed("update-connector", "Change a connector.", f"{_API}/UpdateIDPConnector", document="connector"),
        Passed("delete-connector", "Delete a connector.", f"{_API}/DeleteIDPConnector", ("id",)),
        Passed("create-client", "Add an OIDC client.", f"{_API}/CreateOIDCClient", document="client"),
        Passed("get-client", "Show an OIDC client.", f"{_API}/GetOIDCClient", ("id",)),
        Passed("list-client", "List the OIDC clients.", f"{_API}/ListOIDCClients"),
        Passed("update-client", "Change an OIDC client.", f"{_API}/UpdateOIDCClient", document="client"),
        Passed("delete-client", "Delete an OIDC client.", f"{_API}/DeleteOIDCClient", ("id",)),
        Passed("get-config", "Show the server's configuration.", f"{_API}/GetIdentityServerConfig"),
        Passed(
            "set-config",
            "Set the server's configuration.",
            f"{_API}/SetIdentityServerConfig",
            document="config",
        ),
    ],
    "calf knows no users: it serves whoever reaches its address, which is this machine's own by default",
)
