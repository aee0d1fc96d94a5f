"""Requests that no browser makes, byte by byte, to a dashboard that listens."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from calf.web import impatience
from calf.web.serving import LONGEST_HEAD
from tests.web.serving import LIMIT, Listening, listening


@pytest.fixture
def live(server_address: str) -> Iterator[Listening]:
    with listening(server_address) as made:
        yield made


def say(live: Listening, *words: bytes) -> bytes:
    """All that is answered to these bytes until the connection ends."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=LIMIT) as connection:
        answer = b""
        try:
            for word in words:
                connection.sendall(word)
            while more := connection.recv(65536):
                answer += more
        except ConnectionResetError:
            pass
        return answer


def head(line: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([line, *headers, b"connection: close", b"", b""])


OURS = b"host: 127.0.0.1"


UPGRADE = (b"upgrade: websocket", b"sec-websocket-key: eA==", b"sec-websocket-version: 13")
TWO_LENGTHS = (b"content-length: 3", b"transfer-encoding: chunked")
ODD = (
    (head(b"GET /index.json HTTP/1.1", OURS), b"200"),
    (head(b"GET /index.json HTTP/1.0"), b"403"),
    (head(b"GET /index.json HTTP/1.1"), b"400"),
    (head(b"GET /index.json HTTP/1.1", OURS, b"host: evil.example"), b"400"),
    (head(b"GET /index.json HTTP/1.1", b"host: evil.example", b"x-forwarded-host: 127.0.0.1"), b"403"),
    (head(b"GET http://127.0.0.1/index.json HTTP/1.1", b"host: evil.example"), b"403"),
    (head(b"GET /index.json HTTP/1.1", OURS, b"origin: http://evil.example"), b"403"),
    (head(b"GET /index.json HTTP/1.1", OURS, *UPGRADE), b"200"),
    (head(b"TRACE / HTTP/1.1", OURS, b"x-canary: 1"), b"405"),
    (head(b"CONNECT evil.example:80 HTTP/1.1", OURS), b"405"),
    (head(b"GET / HTTP/1.1", OURS, b"x: " + b"y" * 8 * LONGEST_HEAD), b"400"),
    (head(b"GET /" + b"y" * 8 * LONGEST_HEAD + b" HTTP/1.1", OURS), b"400"),
    (head(b"GET /p/default%00/../../etc/passwd HTTP/1.1", OURS), b"404"),
    (head(b"GET /assets/..%2f..%2fapp.py HTTP/1.1", OURS), b"404"),
    (head(b"GET /assets/../app.py HTTP/1.1", OURS), b"404"),
    (head(b"GET / HTTP/1.1", b"host : 127.0.0.1"), b"400"),
    (head(b"POST /login HTTP/1.1", OURS, *TWO_LENGTHS), b"4"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
)


def test_what_is_odd_is_answered_and_ended(live: Listening) -> None:
    for request, status in ODD:
        answer = say(live, request)
        assert answer.startswith(b"HTTP/1.1 " + status), (request[:100], answer[:300])
        for never in (b"access-control", b"server:", b"traceback", b"101 switching"):
            assert never not in answer.lower()


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: "])
def test_who_does_not_end_a_head_is_left(
    live: Listening, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(impatience, "PATIENCE", 0.1)
    assert say(live, begun) == b""


def test_who_does_not_end_the_second_head_either(live: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impatience, "PATIENCE", 0.1)
    answer = say(live, b"GET /index.json HTTP/1.1\r\n" + OURS + b"\r\n\r\n", b"GET / HT")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


def test_what_a_proxy_says_of_the_client_is_not_believed(live: Listening) -> None:
    answer = say(
        live, head(b"GET /?all=1 HTTP/1.1", OURS, b"x-forwarded-proto: https", b"x-forwarded-for: 192.0.2.1")
    )
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"https://" not in answer
