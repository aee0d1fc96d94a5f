"""The standard health service: whoever is answered is answered SERVING."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

from calf.rpc.call import Call, Handlers
from calf.wire.messages import health


def handlers() -> Handlers:
    """Check and Watch."""
    return {"/grpc.health.v1.Health/Check": check, "/grpc.health.v1.Health/Watch": watch}


def check(_request: Any, _call: Call) -> Any:
    """Always SERVING."""
    return health.HealthCheckResponse(status=health.HealthCheckResponse.SERVING)


def watch(request: Any, call: Call) -> Iterator[Any]:
    """SERVING, and no news until the client or the server ends the call."""
    yield check(request, call)
    over = Event()
    call.cancel.on_cancel(over.set)
    over.wait()
