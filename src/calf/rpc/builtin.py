"""The handlers that need no engine."""

from __future__ import annotations

from calf.rpc import auth_off, health, version
from calf.rpc.call import Handlers


def builtin_handlers() -> Handlers:
    """Version, health, auth as off."""
    return {
        **version.handlers(),
        **health.handlers(),
        **auth_off.handlers(),
    }
