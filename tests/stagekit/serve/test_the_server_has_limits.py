from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from stagekit.serve import http
from stagekit.serve.http import MAX_BODY, Server
from stagekit.serve.site import Site

Address = tuple[str, int]


@contextmanager
def standing() -> Iterator[Address]:
    with Server(("127.0.0.1", 0), Site("<p>hello</p>", None)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield "127.0.0.1", server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    with standing() as where:
        yield where


def talk(address: Address, request: str) -> tuple[int, bytes]:
    """Send a request, and read until the server hangs up; gives the status and the body."""
    with socket.create_connection(address, timeout=10) as line:
        line.sendall(request.encode())
        line.shutdown(socket.SHUT_WR)
        with line.makefile("rb") as stream:
            head, _, body = stream.read().partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def test_pages_and_heads_are_given(address: Address) -> None:
    assert talk(address, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n") == (200, b"<p>hello</p>")
    assert talk(address, "HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n") == (200, b"")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (f"Content-Length: {MAX_BODY + 1}", 413),
        ("Content-Length: " + "9" * 5000, 413),
        ("Content-Length: -1", 411),
        ("Transfer-Encoding: chunked", 411),
        ("X: y", 411),
        ("Content-Length: 9", 408),
    ],
)
def test_a_body_must_say_a_size_that_is_allowed_and_come(address: Address, headers: str, status: int) -> None:
    told = talk(address, f"POST /v2/models/pets/infer HTTP/1.1\r\n{headers}\r\n\r\n123")
    assert (told[0], list(json.loads(told[1]))) == (status, ["error"])


def test_more_clients_than_places_are_hung_up_on_and_places_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "CONNECTIONS", 1)
    with standing() as address:
        with socket.create_connection(address, timeout=10) as first:
            first.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert first.recv(12) == b"HTTP/1.1 200"
            with socket.create_connection(address, timeout=10) as second:
                assert second.recv(1) == b""
        deadline = time.monotonic() + 10
        while not answers(address):  # the server sees in its own time that the first has gone
            assert time.monotonic() < deadline


def answers(address: Address) -> bool:
    try:
        return talk(address, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n")[0] == 200
    except (IndexError, OSError):  # hung up on, at whatever point
        return False
