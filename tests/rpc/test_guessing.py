"""Tokens cannot be guessed quickly, and guessing from one address ends nobody else's work."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import grpc
import pytest

from calf.kit.guessing import AT_ONCE, PAUSE, Guesses, address_of
from calf.rpc.admission import Admission, digest
from calf.rpc.builtin import builtin_handlers
from calf.rpc.server import start_server

TOKEN = "t" * 43
HERE, THERE = "ipv4:192.0.2.1:4711", "ipv4:192.0.2.1:4712"
OTHERS = tuple(f"ipv4:198.51.100.{number}:4711" for number in range(4))


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_after_so_many_wrong_tokens_nobody_from_there_is_let_in_for_a_moment() -> None:
    guesses = Guesses(clock := Clock())
    assert [guesses.count(HERE) for _ in range(AT_ONCE + 2)] == [False] * AT_ONCE + [True] * 2
    assert not guesses.spares(THERE)
    assert any(guesses.spares(other) for other in OTHERS)  # all of them but one that shares its slot
    clock.time += PAUSE
    assert guesses.spares(THERE)


def test_whoever_waits_may_err_once_a_pause() -> None:
    guesses = Guesses(clock := Clock())
    for _ in range(AT_ONCE):
        guesses.count(HERE)
    for _ in range(3):
        clock.time += PAUSE
        assert [guesses.count(HERE), guesses.count(HERE)] == [False, True]


def test_many_tokens_in_one_call_are_as_many_guesses() -> None:
    guesses = Guesses(Clock())
    assert not guesses.count(HERE, tokens=AT_ONCE)
    assert guesses.count(HERE)


def test_a_connection_that_has_shown_a_right_token_goes_on() -> None:
    guesses = Guesses(Clock())
    assert guesses.spares(HERE)
    for _ in range(AT_ONCE):
        guesses.count(THERE)
    assert guesses.spares(HERE)
    assert not guesses.spares(THERE)


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:192.0.2.1:4711", "192.0.2.1"),
        ("ipv6:%5B2001:db8:1:2:3:4:5:6%5D:4711", "2001:db8:1:2::"),
        ("ipv6:[2001:db8:1:2:ffff::1]:4711", "2001:db8:1:2::"),
        ("ipv6:%5Bfe80::1%25eth0%5D:4711", "fe80::"),
        ("ipv6:%5B::ffff:192.0.2.1%5D:4711", "192.0.2.1"),
        ("unix:", ""),
    ],
)
def test_an_address_is_what_one_machine_cannot_have_many_of(peer: str, address: str) -> None:
    assert address_of(peer) == address


@pytest.fixture
def port() -> Iterator[int]:
    server = start_server(builtin_handlers(), "127.0.0.1:0", admission=Admission(tokens=(digest(TOKEN),)))
    yield server.port
    server.stop(0)


VERSION = "/versionpb_v2.API/GetVersion"


def _code(channel: grpc.Channel, token: str, method: str = VERSION) -> str:
    ask = channel.unary_unary(method)
    try:
        ask(b"", metadata=(("authn-token", token),), timeout=10)
    except grpc.RpcError as error:
        return str(error.code().name)
    return "OK"


def _code_without_a_request(channel: grpc.Channel, token: str) -> str:
    """How a call ends whose request does not come."""
    over = threading.Event()
    requests = (b"" for _ in iter(over.wait, True))
    call = channel.stream_unary(VERSION).future(requests, metadata=(("authn-token", token),), timeout=1)
    code = str(call.exception().code().name)
    over.set()
    return code


def test_a_server_says_nothing_more_of_tokens_to_who_guesses(port: int) -> None:
    apart = (("grpc.use_local_subchannel_pool", 1),)
    address = f"127.0.0.1:{port}"
    with (
        grpc.insecure_channel(address, apart) as known,
        grpc.insecure_channel(address, apart) as guessing,
        grpc.insecure_channel(address, apart) as neighbour,
    ):
        assert _code(known, TOKEN) == "OK"
        codes = [_code(guessing, f"{number:064}") for number in range(AT_ONCE + 5)]
        assert codes[:AT_ONCE] == ["UNAUTHENTICATED"] * AT_ONCE
        assert codes[-1] == "UNAVAILABLE"
        assert _code(neighbour, TOKEN) == "UNAVAILABLE"
        assert _code(known, TOKEN) == "OK"


def test_no_kind_of_call_says_whether_a_guess_was_right(port: int) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as guessing:
        for number in range(AT_ONCE + 5):
            _code(guessing, f"{number:064}")
        for token in ("w" * 43, TOKEN):
            assert _code(guessing, token, "/no.such/Method") == "UNAVAILABLE"
            assert _code_without_a_request(guessing, token) == "UNAVAILABLE"


def test_a_method_that_there_is_not_is_unimplemented_to_who_has_a_token(port: int) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        assert _code(channel, TOKEN, "/no.such/Method") == "UNIMPLEMENTED"
        ask = channel.stream_unary(VERSION)
        with pytest.raises(grpc.RpcError) as refused:
            ask(iter(()), metadata=(("authn-token", TOKEN),), timeout=10)
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
