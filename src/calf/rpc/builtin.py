"""The handlers that need no engine."""

from __future__ import annotations

from calf.rpc import admin, auth_off, health, version
from calf.rpc.call import Handlers


def builtin_handlers(cluster_id: str) -> Handlers:
    """Version, admin, health, auth as off; `cluster_id` names the data folder for ever."""
    return {
        **version.handlers(),
        **admin.handlers(cluster_id),
        **health.handlers(),
        **auth_off.handlers(),
    }
