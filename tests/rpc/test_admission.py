"""Who may come in over TCP, and that the sockets of this machine's own user are other doors."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest

from calf.client.connection import connect
from calf.client.terms import Terms
from calf.daemon.certificates import make_certificate
from calf.kit import clock
from calf.model.errors import Unauthenticated
from calf.rpc.admission import Admission, digest
from calf.rpc.builtin import builtin_handlers
from calf.rpc.server import RpcServer, start_server
from calf.wire.messages import google
from calf.wire.methods import Method, load_methods

TOKEN, OTHER = "t" * 43, "u" * 43
NONE = "no authentication token (try logging in)"
WRONG = "provided auth token is corrupted or has expired (try logging in again)"
_VERSION = "/versionpb_v2.API/GetVersion"
Open = Callable[..., RpcServer]


@pytest.fixture
def open_door() -> Iterator[Open]:
    servers: list[RpcServer] = []

    def start(admission: Admission, socket: Path | None = None) -> RpcServer:
        servers.append(start_server(builtin_handlers(), "127.0.0.1:0", socket, admission=admission))
        return servers[-1]

    yield start
    for server in servers:
        server.stop(0)


def _version(address: str, *tokens: str, roots: bytes | None = None) -> str:
    terms = Terms("test", tuple(("authn-token", token) for token in tokens), 10.0, roots)
    with connect(address, terms) as client:
        return str(client.version.GetVersion(google.Empty()).additional)


def test_one_of_the_tokens_opens_the_door(open_door: Open) -> None:
    server = open_door(Admission(tokens=(digest(TOKEN), digest(OTHER))))
    address = f"grpc://127.0.0.1:{server.port}"
    assert _version(address, TOKEN) == _version(address, OTHER) == "-calf"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), NONE),
        (("",), NONE),
        ((TOKEN[:-1],), WRONG),
        ((f"{TOKEN}t",), WRONG),
        ((digest(TOKEN).hex(),), WRONG),
        (("*",), WRONG),
    ],
)
def test_no_token_or_a_wrong_one_is_unauthenticated_in_pachyderms_words(
    open_door: Open, given: tuple[str, ...], said: str
) -> None:
    server = open_door(Admission(tokens=(digest(TOKEN),)))
    with pytest.raises(Unauthenticated) as refused:
        _version(f"grpc://127.0.0.1:{server.port}", *given)
    assert refused.value.message == said
    assert "use-auth-token" in refused.value.hint


def _stub(channel: grpc.Channel, method: Method) -> Any:
    kinds = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }
    return kinds[method.client_streaming, method.server_streaming](method.path)


def test_there_is_no_method_that_asks_for_none(open_door: Open) -> None:
    server = open_door(Admission(tokens=(digest(TOKEN),)))
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        for method in load_methods().values():
            request: Any = iter([b""]) if method.client_streaming else b""
            ask = partial(_stub(channel, method), request, timeout=10)
            with pytest.raises(grpc.RpcError) as refused:
                deque(ask(), maxlen=0)
            assert (refused.value.code(), refused.value.details()) == (
                grpc.StatusCode.UNAUTHENTICATED,
                NONE,
            ), method.path


def test_nobody_without_a_token_makes_the_server_wait_for_his_request(open_door: Open) -> None:
    server = open_door(Admission(tokens=(digest(TOKEN),)))
    enough = threading.Event()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        begun = channel.stream_unary(_VERSION).future(_nothing_yet(enough), timeout=10)
        assert begun.exception().code() == grpc.StatusCode.UNAUTHENTICATED
        enough.set()
    assert _version(f"grpc://127.0.0.1:{server.port}", TOKEN)


def _nothing_yet(enough: threading.Event) -> Iterator[bytes]:
    enough.wait()
    yield b""


def test_tls_and_a_token_together(open_door: Open) -> None:
    key, certificate = make_certificate(("127.0.0.1",), 1, clock.now())
    server = open_door(Admission(certificate, key, (digest(TOKEN),)))
    address = f"grpcs://127.0.0.1:{server.port}"
    assert _version(address, TOKEN, roots=certificate) == "-calf"
    with pytest.raises(Unauthenticated):
        _version(address, roots=certificate)


def test_the_socket_asks_for_nothing(open_door: Open, tmp_path: Path) -> None:
    key, certificate = make_certificate(("127.0.0.1",), 1, clock.now())
    open_door(Admission(certificate, key, (digest(TOKEN),)), tmp_path / "api.sock")
    assert _version(f"unix:{tmp_path / 'api.sock'}") == "-calf"


def test_what_lets_people_in_is_not_shown() -> None:
    admission = Admission(b"certificate", b"the key", (digest(TOKEN),))
    assert "the key" not in repr(admission)
    assert repr(digest(TOKEN)) not in repr(admission)
