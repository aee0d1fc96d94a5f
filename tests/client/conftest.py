from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from calf.client.connection import Client, connect
from calf.rpc.builtin import builtin_handlers
from calf.rpc.call import Handlers
from calf.rpc.server import start_server


@pytest.fixture
def dial() -> Iterator[Callable[..., Client]]:
    """Serves handlers on a free port and gives a client of it; `ours=False` hides what marks our server."""
    with ExitStack() as stack:

        def start(handlers: Handlers, *, ours: bool = True) -> Client:
            every = {**(builtin_handlers() if ours else {}), **handlers}
            server = start_server(every, "127.0.0.1:0")
            stack.callback(server.stop, 1)
            return stack.enter_context(connect(f"grpc://127.0.0.1:{server.port}"))

        yield start
