"""The messages of a stream come as gRPC's own iterator gives them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from calf.model.errors import Cancelled
from calf.rpc.call import Call
from calf.wire.messages import google, pfs

MODIFY = "/pfs_v2.API/ModifyFile"


def delete(path: str) -> Any:
    return pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path))


def test_all_messages_come_in_order_however_many_and_large(serve: Any, ask: Any) -> None:
    seen: list[str] = []

    def modify(requests: Iterator[Any], _call: Call) -> Any:
        seen.extend(request.delete_file.path for request in requests)
        return google.Empty()

    sent = [f"/{number}" for number in range(3000)] + ["/" + "x" * (5 << 20), "/y" * (3 << 20), "/end"]
    call = ask(serve({MODIFY: modify}))
    call(MODIFY, map(delete, sent))
    assert seen == sent
    seen.clear()
    call(MODIFY, iter(()))
    assert seen == []


def test_a_client_that_waits_between_two_messages_is_heard(serve: Any, ask: Any) -> None:
    heard = [threading.Event() for _ in range(3)]

    def modify(requests: Iterator[Any], _call: Call) -> Any:
        for number, _ in enumerate(requests):
            heard[number].set()
        return google.Empty()

    def talk() -> Iterator[Any]:
        for event in heard:
            yield delete("/x")
            assert event.wait(10)

    ask(serve({MODIFY: modify}))(MODIFY, talk())
    assert all(event.is_set() for event in heard)


def test_a_client_that_dies_is_no_end_of_its_stream(serve: Any, ask: Any) -> None:
    begun, ended = threading.Event(), threading.Event()

    def modify(requests: Iterator[Any], _call: Call) -> Any:
        next(requests)
        begun.set()
        with pytest.raises(Cancelled):
            list(requests)
        ended.set()
        raise Cancelled("as it should be")

    def talk() -> Iterator[Any]:
        yield delete("/x")
        assert begun.wait(10)
        raise RuntimeError("the client dies")

    with pytest.raises(grpc.RpcError):
        ask(serve({MODIFY: modify}))(MODIFY, talk())
    assert ended.wait(10)


def test_an_answer_before_the_end_of_the_stream_ends_the_call(serve: Any, ask: Any) -> None:
    def modify(requests: Iterator[Any], _call: Call) -> Any:
        next(requests)
        return google.Empty()

    def endless() -> Iterator[Any]:
        for number in range(100_000):
            yield delete(f"/{number}")

    assert ask(serve({MODIFY: modify}))(MODIFY, endless()) == google.Empty()
