from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.model.errors import Cancelled, Internal, Locked
from calf.rpc.server import OPTIONS, start_server
from calf.wire.messages import google, pfs

INSPECT = "/pfs_v2.API/InspectCommit"
SUBSCRIBE = "/pfs_v2.API/SubscribeCommit"
MODIFY = "/pfs_v2.API/ModifyFile"
SDK = "pachyderm-sdk"
COMMIT = pfs.Commit(id="1", branch={"name": "master"})


class Waiter:
    """A handler that waits for its call's cancellation and remembers what it saw."""

    def __init__(self) -> None:
        self.waiting = threading.Event()
        self.woken = threading.Event()

    def __call__(self, _request: Any, call: Any) -> Any:
        over = threading.Event()
        call.cancel.on_cancel(over.set)
        self.waiting.set()
        assert over.wait(20)
        self.woken.set()
        raise Cancelled("the wait was cancelled")


def test_a_waiting_handler_wakes_when_its_client_goes_away(serve: Any, ask: Any) -> None:
    waiter = Waiter()
    stream = ask(serve({SUBSCRIBE: waiter}))(SUBSCRIBE, pfs.SubscribeCommitRequest())
    assert waiter.waiting.wait(20)
    stream.cancel()
    assert waiter.woken.wait(20)


def test_a_stopping_server_wakes_whoever_waits_at_once(serve: Any, ask: Any) -> None:
    waiter = Waiter()
    server = serve({SUBSCRIBE: waiter})
    stream = ask(server)(SUBSCRIBE, pfs.SubscribeCommitRequest())
    assert waiter.waiting.wait(20)
    server.stop(grace=30)
    assert waiter.woken.is_set()
    with pytest.raises(grpc.RpcError):
        list(stream)


def test_a_client_that_dies_in_mid_stream_is_an_error_to_the_handler_each_time(serve: Any) -> None:
    seen: list[str] = []
    first, over = threading.Event(), threading.Event()

    def handler(requests: Iterator[Any], _call: Any) -> Any:
        try:
            for request in requests:
                seen.append(type(request).__name__)
                first.set()
        except Cancelled as error:
            seen.append(type(error).__name__)
            raise
        finally:
            over.set()
        return google.Empty()

    def requests() -> Iterator[Any]:
        yield pfs.ModifyFileRequest(set_commit=COMMIT)
        over.wait(20)

    server = serve({MODIFY: handler})
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        stub = channel.stream_unary(MODIFY, request_serializer=pfs.ModifyFileRequest.SerializeToString)
        for _ in range(50):  # gRPC told of every tenth as of a stream that had ended well
            future = stub.future(requests())
            assert first.wait(20)
            future.cancel()
            assert over.wait(20)
            first.clear()
            over.clear()
    assert seen == ["ModifyFileRequest", "Cancelled"] * 50


def test_a_message_that_cannot_be_read_is_no_end_of_its_stream_and_does_not_keep_the_server(
    serve: Any, ask: Any
) -> None:
    ends: list[str] = []

    def handler(requests: Iterator[Any], _call: Any) -> Any:
        try:
            ends.extend("a message" for _ in requests)
            ends.append("the end")
        except Internal as error:
            ends.append(error.message)
            raise
        return google.Empty()

    server = serve({MODIFY: handler})
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        good = pfs.ModifyFileRequest(set_commit=COMMIT).SerializeToString()
        with pytest.raises(grpc.RpcError) as caught:
            channel.stream_unary(MODIFY)(iter([good, b"\xff\xff"]), timeout=20)
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert ends == ["a message", f"a request of {MODIFY} is no pfs_v2.ModifyFileRequest"]
    server.stop(grace=0)


def test_the_call_carries_agent_and_transaction(serve: Any, ask: Any) -> None:
    calls: list[Any] = []

    def handler(_request: Any, call: Any) -> Any:
        calls.append(call)
        return pfs.CommitInfo(commit=COMMIT)

    ask_server = ask(serve({INSPECT: handler}), agent="me/1")
    ask_server(INSPECT, pfs.InspectCommitRequest(), metadata=[("pach-transaction", "7")])
    ask_server(INSPECT, pfs.InspectCommitRequest(), metadata=[("pach-transaction", "")])
    assert [call.transaction for call in calls] == ["7", ""]
    assert calls[0].user_agent.startswith("me/1 ")
    assert calls[0].method == INSPECT


def test_the_sdk_gets_no_branch_in_commits_and_others_do(serve: Any, ask: Any) -> None:
    server = serve({INSPECT: lambda _request, _call: pfs.CommitInfo(commit=COMMIT)})
    assert ask(server)(INSPECT, pfs.InspectCommitRequest()).commit.branch.name == "master"
    assert ask(server, agent=SDK)(INSPECT, pfs.InspectCommitRequest()).commit.branch.name == ""


def test_a_message_of_twenty_mebibytes_passes(serve: Any, ask: Any) -> None:
    sizes: list[int] = []

    def handler(requests: Iterator[Any], _call: Any) -> Any:
        sizes.extend(len(piece.value) for piece in requests)
        return google.Empty()

    big = pfs.ModifyFileRequest(add_file={"path": "/a", "raw": {"value": bytes(20 * 1024 * 1024)}})
    ask(serve({MODIFY: handler}))(MODIFY, iter([big]))
    assert sizes == [20 * 1024 * 1024]


def test_clients_may_ping_every_twenty_seconds_even_without_a_call() -> None:
    """gRPC's defaults cut Go clients off after 100 s; benchmarks/idle_stream.py lives through ten minutes."""
    options = dict(OPTIONS)
    assert options["grpc.keepalive_permit_without_calls"] == 1
    assert options["grpc.http2.max_ping_strikes"] == 0
    assert options["grpc.http2.min_ping_interval_without_data_ms"] <= 5000


def test_a_second_server_on_the_port_is_refused(serve: Any) -> None:
    server = serve({})
    with pytest.raises(Locked, match="in use"):
        start_server({}, f"127.0.0.1:{server.port}")


def test_a_unix_socket_serves_too(tmp_path: Path) -> None:
    socket = tmp_path / "calf.sock"
    server = start_server({}, "127.0.0.1:0", socket=socket)
    try:
        with grpc.insecure_channel(f"unix:{socket}") as channel, pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary(INSPECT)(b"", timeout=20)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    finally:
        server.stop(grace=0)
