"""pachctl license."""

from __future__ import annotations

from calf.cli.passing import Passed, passing_group

_API = "license_v2.API"

command = passing_group(
    "license",
    "Ask Pachyderm's licence server.",
    [
        Passed("activate", "Enter an activation code.", f"{_API}/Activate", ("activation_code",)),
        Passed("get-state", "Show the licence.", f"{_API}/GetActivationCode"),
        Passed("add-cluster", "Register a cluster.", f"{_API}/AddCluster", ("id", "address")),
        Passed("update-cluster", "Change a cluster's address.", f"{_API}/UpdateCluster", ("id", "address")),
        Passed("delete-cluster", "Forget a cluster.", f"{_API}/DeleteCluster", ("id",)),
        Passed("list-clusters", "List the clusters.", f"{_API}/ListClusters"),
        Passed("delete-all", "Forget the licence and all clusters.", f"{_API}/DeleteAll"),
    ],
    "calf needs no licence",
)
