"""What pachctl asks at the start of every command."""

from __future__ import annotations

from typing import Any

from calf.rpc.call import Call, Handlers
from calf.wire.messages import admin


def handlers(cluster_id: str) -> Handlers:
    """InspectCluster, for the data folder with the given id.

    Clients keep the id in their configuration and refuse a server that has another one.
    """

    def inspect_cluster(_request: Any, _call: Call) -> Any:
        return admin.ClusterInfo(id=cluster_id, deployment_id=cluster_id, warnings_ok=True)

    return {"/admin_v2.API/InspectCluster": inspect_cluster}
