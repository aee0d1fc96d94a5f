"""What pachctl asks at the start of every command."""

from __future__ import annotations

from functools import partial
from typing import NoReturn

from calf.db import metadata, projects, settings
from calf.model.errors import Unimplemented
from calf.pfs.engine import Pfs
from calf.rpc.call import Call, Handlers
from calf.wire.limits import API_VERSION
from calf.wire.messages import Message, admin


def handlers(pfs: Pfs) -> Handlers:
    """InspectCluster, for the data folder of `pfs`, whose id stays for ever.

    Clients keep the id in their configuration and refuse a server that has another one.
    """
    return {
        "/admin_v2.API/InspectCluster": partial(inspect_cluster, pfs, _cluster_id(pfs)),
        "/admin_v2.API/RestartPachyderm": restart,
    }


def inspect_cluster(pfs: Pfs, cluster_id: str, request: Message, _call: Call) -> Message:
    """Who we are, and what the client should be warned of: never an error, whatever it is."""
    project = request.current_project.name
    with pfs.read() as tx:
        pairs = metadata.get(tx, "cluster", "")
        warnings = [] if not project or projects.get(tx, project) else [_no_project(project)]
    if request.HasField("client_version"):
        warnings += _skew(request.client_version)
    return admin.ClusterInfo(
        id=cluster_id, deployment_id=cluster_id, warnings_ok=True, warnings=warnings, metadata=pairs
    )


def restart(_request: Message, _call: Call) -> NoReturn:
    """There is no cluster that would start us again."""
    raise Unimplemented("the server does not restart itself", "restart it with `calf down` and `calf up`")


def _no_project(name: str) -> str:
    return (
        f'the current project "{name}" of your context does not exist; choose another one with'
        " `pachctl config update context --project NAME`"
    )


def _skew(client: Message) -> list[str]:
    """Older clients of our line are served; others may ask for what we do not know."""
    major, minor, _ = API_VERSION
    if (client.major, client.minor) <= (major, minor) and client.major == major:
        return []
    return [
        f"the client is version {client.major}.{client.minor}, newer or older than our {major}.{minor} line"
    ]


def _cluster_id(pfs: Pfs) -> str:
    with pfs.db.write() as tx:
        known = settings.get(tx, "cluster-id")
        if known is None:
            known = pfs.new_id()
            settings.put(tx, "cluster-id", known)
    return known
