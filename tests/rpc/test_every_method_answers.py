"""Whatever arrives, the answer is a status that says what is wrong, never a mistake of ours."""

from __future__ import annotations

import random
from typing import Any

import grpc
import pytest

from calf.client.connection import Client, connect
from calf.wire.methods import load_methods

STREAMS_FOREVER = {"/grpc.health.v1.Health/Watch", "/calf_v1.Watching/Changes"}
OURS = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DEADLINE_EXCEEDED}
PATHS = [path for path in load_methods() if path not in STREAMS_FOREVER]


@pytest.fixture
def client(server_address: str) -> Any:
    with connect(server_address) as client:
        yield client


def ask(client: Client, path: str, body: bytes) -> grpc.StatusCode:
    method = load_methods()[path]
    channel = client.grpc.channel
    make = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }[method.client_streaming, method.server_streaming]
    try:
        answer = make(path)(iter([body]) if method.client_streaming else body, timeout=5)
        if method.server_streaming:
            list(answer)
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    return grpc.StatusCode.OK


def test_an_empty_request_is_answered_by_every_method(client: Any) -> None:
    codes = {path: ask(client, path, b"") for path in PATHS}
    assert {path: code for path, code in codes.items() if code in OURS} == {}


def test_arbitrary_bytes_are_refused_or_understood_but_never_break_anything(client: Any) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    for path in PATHS:
        body = dice.randbytes(dice.randrange(1, 40))
        code = ask(client, path, body)
        # gRPC itself answers INTERNAL for bytes that are no message
        readable = code is not grpc.StatusCode.INTERNAL or not parses(path, body)
        assert readable, f"{path} {body.hex()}"
        assert code not in OURS - {grpc.StatusCode.INTERNAL}, f"{path} {body.hex()}"


def parses(path: str, body: bytes) -> bool:
    from google.protobuf.message import DecodeError

    try:
        load_methods()[path].request.FromString(body)
    except DecodeError:
        return False
    return True
