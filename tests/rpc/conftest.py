from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

from calf.rpc.call import Handlers
from calf.rpc.server import OPTIONS, RpcServer, start_server
from calf.wire.methods import load_methods

Ask = Callable[..., Any]


@pytest.fixture
def serve() -> Iterator[Callable[[Handlers], RpcServer]]:
    """Starts servers on free ports and stops them."""
    servers: list[RpcServer] = []

    def start(handlers: Handlers) -> RpcServer:
        servers.append(start_server(handlers, "127.0.0.1:0"))
        return servers[-1]

    yield start
    for server in servers:
        server.stop(grace=1)


@pytest.fixture
def ask() -> Iterator[Callable[[RpcServer], Ask]]:
    """Opens a bare channel and calls methods by path."""
    channels: list[grpc.Channel] = []

    def connect(server: RpcServer, agent: str = "test") -> Ask:
        channel = grpc.insecure_channel(
            f"127.0.0.1:{server.port}", options=[*OPTIONS, ("grpc.primary_user_agent", agent)]
        )
        channels.append(channel)

        def call(path: str, request: Any, **kwargs: Any) -> Any:
            method = load_methods()[path]
            make = {
                (False, False): channel.unary_unary,
                (False, True): channel.unary_stream,
                (True, False): channel.stream_unary,
                (True, True): channel.stream_stream,
            }[method.client_streaming, method.server_streaming]
            stub = make(
                path,
                request_serializer=method.request.SerializeToString,
                response_deserializer=method.response.FromString,
            )
            return stub(request, timeout=20, **kwargs)

        return call

    yield connect
    for channel in channels:
        channel.close()
