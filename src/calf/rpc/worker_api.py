"""The API that a batching stage calls: NextDatum, on a Unix socket of its own.

The sandbox relays the stage's connection to it, so the socket is the only way out of a stage, and this one
method the only thing at its end.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from calf.kit.cancel import CancelToken
from calf.rpc.call import Call
from calf.rpc.server import start_server
from calf.wire.messages import pps, worker

NextDatum = Callable[[str | None, CancelToken], tuple[str, ...]]
"""Ends the current datum (failed, when given an error), blocks until the next is laid out or whoever asks has
gone, and gives its environment as `NAME=value` lines."""


def serve_worker_api(socket: Path, next_datum: NextDatum) -> Callable[[], None]:
    """Serve `next_datum` on `socket`; returns what stops it. Errors that it raises reach the stage as
    statuses."""

    def handle(request: Any, call: Call) -> Any:
        return worker.NextDatumResponse(env=next_datum(request.error or None, call.cancel))

    def status(_request: Any, _call: Call) -> Any:
        return pps.WorkerStatus()

    handlers = {
        "/pachyderm.worker.Worker/NextDatum": handle,
        "/pachyderm.worker.Worker/Status": status,
    }
    server = start_server(handlers, f"unix:{socket}", threads=4)
    return lambda: server.stop(grace=0)
