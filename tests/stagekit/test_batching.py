"""Datum batching against a real gRPC server that speaks the worker's one method."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagekit.batching import decode_env, encode_error, run_datums
from stagekit.errors import StageError


@dataclass
class Worker:
    """Hands out datums, keeps the reported errors, and ends the batch by an aborted call."""

    datums: list[str]
    reported: list[bytes] = field(default_factory=list)
    port: int = 0

    def next_datum(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self.reported.append(request)
        if not self.datums:
            context.abort(grpc.StatusCode.UNAVAILABLE, "no more datums")
        line = f"DATUM={self.datums.pop(0)}".encode()
        return b"\x0a" + bytes([len(line)]) + line


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    worker = Worker(["one", "two", "three"])
    handler = grpc.unary_unary_rpc_method_handler(worker.next_datum)
    service = grpc.method_handlers_generic_handler("pachyderm.worker.Worker", {"NextDatum": handler})
    server = grpc.server(futures.ThreadPoolExecutor(1), handlers=(service,))
    worker.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("PPS_WORKER_GRPC_PORT", str(worker.port))
    monkeypatch.setenv("DATUM", "")
    monkeypatch.setenv("OTHER", "")
    monkeypatch.delenv("CALF_NEXT_DATUM", raising=False)
    yield worker
    server.stop(None).wait()


def test_each_datum_is_worked_on_with_its_own_environment(worker: Worker) -> None:
    seen: list[str] = []
    with pytest.raises(StageError, match="ended the batch"):
        run_datums(lambda: seen.append(os.environ["DATUM"]))
    assert seen == ["one", "two", "three"]
    assert worker.reported == [b"", b"", b"", b""]


@pytest.mark.parametrize("error", [StageError("no photo"), ValueError("no photo")])
def test_a_datum_that_fails_is_reported_and_the_others_go_on(worker: Worker, error: Exception) -> None:
    seen: list[str] = []

    def work() -> None:
        seen.append(os.environ["DATUM"])
        if seen == ["one", "two"]:
            raise error

    with pytest.raises(StageError):
        run_datums(work)
    assert seen == ["one", "two", "three"]
    assert [b"no photo" in request for request in worker.reported] == [False, False, True, False]


@pytest.mark.parametrize("off", [{"PPS_WORKER_GRPC_PORT": ""}, {"CALF_BATCHING": "off"}])
def test_without_a_worker_the_work_is_done_once_and_errors_go_through(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, off: dict[str, str]
) -> None:
    for name, value in off.items():
        monkeypatch.setenv(name, value)

    def work() -> None:
        raise StageError("no photo")

    with pytest.raises(StageError, match=r"^no photo$"):
        run_datums(work)
    assert worker.reported == []


def test_a_worker_of_ours_is_asked_by_its_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worker: Worker
) -> None:
    """Its path is longer than a socket's address, and an error as long as a stage cares to make it."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    reported: list[bytes] = []

    def serve(server: socket.socket) -> None:
        near, _ = server.accept()
        with near, near.makefile("rb") as questions:
            for number in range(3):
                reported.append(questions.read(int.from_bytes(questions.read(4), "big")))
                if number < 2:
                    answer = f"DATUM={number}\0OTHER=a=b".encode()
                    near.sendall(len(answer).to_bytes(4, "big") + answer)

    def work() -> None:
        if os.environ["DATUM"] == "1":
            raise StageError("é" * (1 << 20))

    held = os.open(folder, os.O_PATH)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"/proc/self/fd/{held}/next.sock")
        server.listen()
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        monkeypatch.setenv("CALF_NEXT_DATUM", str(folder / "next.sock"))
        with pytest.raises(StageError, match="the worker ended the batch"):
            run_datums(work)
        thread.join()
    os.close(held)
    assert [len(error) for error in reported] == [0, 0, 1 << 20]
    assert os.environ["OTHER"] == "a=b"
    assert worker.reported == []


def test_a_socket_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, worker: Worker) -> None:
    monkeypatch.setenv("CALF_NEXT_DATUM", "/nowhere/next.sock")
    with pytest.raises(StageError, match=r"/nowhere/next\.sock"):
        run_datums(lambda: None)


@given(st.text(min_size=1, max_size=400))
def test_an_error_is_encoded_as_a_worker_decodes_it(error: str) -> None:
    assert decode_env(encode_error(error)) == [error]


def test_an_error_with_a_name_that_is_no_text_is_encoded_all_the_same() -> None:
    assert decode_env(encode_error("no file \udcff")) == ["no file \\udcff"]


@pytest.mark.parametrize("message", [b"\x0a\x05abc", b"\x0a", b"\x0a\x80", b"\x12\x01a"])
def test_a_garbled_answer_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match="answer"):
        decode_env(message)
