"""Messages that are well formed and mean no good: every method answers with what is wrong with them.

Where one breaks something, the test prints the seed, which FUZZ_SEED gives back; a case of its own belongs
beside the mend. FUZZ_ROUNDS says how often each method is asked.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError

from calf.client.connection import Client, connect
from calf.model.errors import Category
from calf.wire.limits import CODE_KEY
from calf.wire.messages import Message, pfs, pps
from calf.wire.methods import load_methods

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "4"))
DEEPEST = 5
ENDLESS = (
    "/grpc.health.v1.Health/Watch",
    "/debug_v2.Debug/Profile",
    "/debug_v2.Debug/Binary",
    "/calf_v1.Watching/Changes",
)
WAITS = ("wait", "follow", "tail", "wait_for_input")
OFF = ("/auth_v2", "/identity_v2", "/license_v2", "/enterprise_v2")
"""Services that answer the same to everything."""
PATHS = [path for path in load_methods() if path not in ENDLESS and "/Subscribe" not in path]
PATHS = [path for path in PATHS if not path.startswith(OFF)]
KNOWN = ("", "a", "p", "master", "default")
"""What is there, so that requests are not all refused for what they name."""
NAMES = ("..", "a/b", "x\0y", "\n", "ü🐄", "x" * 70_000, "%s;'--", "0" * 32)
ODD = (
    *(
        "/",
        "/../x",
        "/" + "a/" * 9000,
        "/**",
        "/" + "*?" * 50,
        "/{a,b}" * 20,
        "/(*)-(*",
        "/+(+(+(a)))b",
        "$1",
    ),
    *("master^", "a^^1", "p." + "9" * 5000, "(a+)+$", "[", "x{99999999999}", ".[1e9]", "select(", "\\"),
    *("{}", "[" * 70_000, '{"pipeline":{"name":"p"}}', '{"a":' * 2000, "9" * 5000, "1e999", "NaN", "-1"),
    *("* * * * * *", "@every 0s", "@every 99999999999999h", "99 * * * *", "function(x) x", "kind: Secret"),
    *("/etc/passwd", "file:///etc/passwd", "http://[::1", "http://a..b/", "s3://..", "ftp://x", "://"),
)
NUMBERS = (0, 1, -1, 7, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, -(2**63), 2**64 - 1)
REALS = (0.0, -1.0, float("nan"), float("inf"), 1e308)

Kind = FieldDescriptor


class Hostile:
    """Fills messages with whatever their fields can hold."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def fill(self, message: Message, depth: int = 0) -> Message:
        """The message, filled; the deeper, the less."""
        for field in message.DESCRIPTOR.fields:
            if self._dice.random() > 0.9 - 0.15 * depth or field.name in WAITS:
                continue
            inner = field.message_type
            if inner is not None and inner.GetOptions().map_entry:
                self._entry(getattr(message, field.name), inner, depth)
            elif field.is_repeated:
                for _ in range(self._dice.choice((1, 1, 2))):
                    self._item(getattr(message, field.name), field, depth)
            elif inner is None:
                setattr(message, field.name, self._value(field))
            elif depth < DEEPEST:
                getattr(message, field.name).SetInParent()
                self.fill(getattr(message, field.name), depth + 1)
        return message

    def _item(self, items: Any, field: Any, depth: int) -> None:
        if field.message_type is None:
            items.append(self._value(field))
        elif depth < DEEPEST:
            self.fill(items.add(), depth + 1)

    def _entry(self, entries: Any, kind: Any, depth: int) -> None:
        key, value = (kind.fields_by_name[name] for name in ("key", "value"))
        if value.message_type is None:
            entries[self._value(key)] = self._value(value)
        elif depth < DEEPEST:
            self.fill(entries[self._value(key)], depth + 1)

    def _value(self, field: Any) -> Any:
        dice = self._dice
        match field.type:
            case Kind.TYPE_STRING:
                return dice.choice(dice.choices((KNOWN, NAMES, ODD), (6, 1, 1))[0])
            case Kind.TYPE_BYTES:
                return dice.choice(ODD).encode() if dice.random() < 0.5 else dice.randbytes(40)
            case Kind.TYPE_BOOL:
                return dice.random() < 0.5
            case Kind.TYPE_ENUM:
                return dice.choice([value.number for value in field.enum_type.values])
            case Kind.TYPE_DOUBLE | Kind.TYPE_FLOAT:
                return dice.choice(REALS)
            case _:
                return dice.choice([number for number in NUMBERS if _fits(field, number)])


def _fits(field: Any, number: int) -> bool:
    unsigned = field.type in (Kind.TYPE_UINT32, Kind.TYPE_UINT64, Kind.TYPE_FIXED32, Kind.TYPE_FIXED64)
    bits = 32 if field.cpp_type in (Kind.CPPTYPE_INT32, Kind.CPPTYPE_UINT32) else 64
    half = 1 << (bits - 1)
    return 0 <= number < 2 * half if unsigned else -half <= number < half


@pytest.fixture
def client(server_address: str) -> Any:
    """A server with a repo, a file, and a pipeline whose image is not there."""
    with connect(server_address) as client:
        make_world(client)
        yield client


def make_world(client: Client) -> None:
    repo = pfs.Repo(name="a", type="user", project=pfs.Project(name="default"))
    client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo))
    client.pfs.ModifyFile(iter(good_put()))
    client.pps.CreatePipeline(
        pps.CreatePipelineRequest(
            pipeline=pps.Pipeline(name="p", project=pfs.Project(name="default")),
            transform=pps.Transform(image="not-built", cmd=["true"]),
            input=pps.Input(pfs=pps.PFSInput(repo="a", glob="/")),
        )
    )


def seeded() -> random.Random:
    seed = int(os.environ.get("FUZZ_SEED", random.randrange(2**32)))
    print("seed", seed)
    return random.Random(seed)


def method_of(client: Client, path: str) -> Callable[..., Any]:
    method, channel = load_methods()[path], client.grpc.channel
    make: Callable[..., Any] = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }[method.client_streaming, method.server_streaming]
    return make


def refusal(client: Client, path: str, requests: list[Any], raw: bool = False) -> grpc.RpcError | None:
    method = load_methods()[path]
    call = method_of(client, path)(path, None if raw else method.request.SerializeToString)
    try:
        answer = call(iter(requests) if method.client_streaming else requests[0], timeout=20)
        if method.server_streaming:
            list(answer)
    except grpc.RpcError as error:
        return error
    return None


def test_hostile_requests_are_understood_or_refused_and_the_server_goes_on(client: Client) -> None:
    dice = seeded()
    hostile = Hostile(dice)
    for path in PATHS * ROUNDS:
        method = load_methods()[path]
        requests = [hostile.fill(method.request()) for _ in range(3 if method.client_streaming else 1)]
        error = refusal(client, path, requests)
        if error is not None:
            said = dict(error.trailing_metadata() or ()).get(CODE_KEY)
            shown = f"{path} {error.code()} {error.details()}: {[it.SerializeToString() for it in requests]}"
            assert said not in (None, Category.INTERNAL.value), shown[:5000]
    assert refusal(client, "/versionpb_v2.API/GetVersion", [pps.LogMessage()]) is None


def changed(dice: random.Random, message: bytes) -> bytes:
    """A message in which something is other than it was."""
    data = bytearray(message) or bytearray(1)
    for _ in range(dice.randrange(1, 4)):
        place = dice.randrange(len(data) + 1)
        match dice.randrange(4):
            case 0:
                data[place : place + 1] = dice.randbytes(1)
            case 1:
                del data[place : place + dice.randrange(1, 9)]
            case 2:
                data[place:place] = data[: dice.randrange(9)]
            case _:
                data[place : place + 1] = b"\xff\xff\xff\xff\x0f"
    return bytes(data)


def test_messages_of_which_some_bytes_were_changed_break_nothing(client: Client) -> None:
    dice = seeded()
    hostile = Hostile(dice)
    for path in PATHS * ((ROUNDS + 1) // 2):
        method = load_methods()[path]
        bodies = [changed(dice, hostile.fill(method.request()).SerializeToString()[:9999]) for _ in range(2)]
        bodies = bodies if method.client_streaming else bodies[:1]
        requests = [parsed(method.request, body) for body in bodies]
        if any(getattr(request, name, False) for request in requests for name in WAITS):
            continue
        error = refusal(client, path, bodies, raw=True)
        if error is not None and None not in requests:
            said = dict(error.trailing_metadata() or ()).get(CODE_KEY)
            shown = f"{path} {error.code()} {error.details()}: {[body.hex() for body in bodies]}"
            assert said not in (None, Category.INTERNAL.value), shown[:5000]


def parsed(kind: type[Message], body: bytes) -> Message | None:
    try:
        return kind.FromString(body)
    except DecodeError:
        return None


def test_streams_cut_midway_leave_nothing_and_the_server_goes_on(client: Client) -> None:
    dice = seeded()
    hostile = Hostile(dice)
    streams = [path for path in PATHS if load_methods()[path].client_streaming]
    before = commits_of(client)
    for path in streams * (2 * ROUNDS):
        method, sent, gone = load_methods()[path], threading.Event(), threading.Event()
        requests = [hostile.fill(method.request()) for _ in range(dice.randrange(1, 5))]
        if path.endswith("/ModifyFile"):  # one that would be taken, were it to end
            requests = good_put() * dice.randrange(1, 4)
            requests[1:] = [each for each in requests[1:] if each.HasField("add_file")]

        def messages(
            requests: list[Message] = requests, sent: threading.Event = sent, gone: threading.Event = gone
        ) -> Iterator[Message]:
            yield from requests
            sent.set()
            gone.wait(20)

        make = method_of(client, path)(path, method.request.SerializeToString)
        call = (
            make(messages(), timeout=20) if method.server_streaming else make.future(messages(), timeout=20)
        )
        while not (sent.wait(0.01) or call.done()):
            pass
        call.cancel()
        gone.set()
    assert refusal(client, "/versionpb_v2.API/GetVersion", [pps.LogMessage()]) is None
    assert commits_of(client) == before


def commits_of(client: Client) -> list[str]:
    repo = pfs.Repo(name="a", type="user", project=pfs.Project(name="default"))
    return [info.commit.id for info in client.pfs.ListCommit(pfs.ListCommitRequest(repo=repo, all=True))]


def good_put() -> list[Message]:
    repo = pfs.Repo(name="a", type="user", project=pfs.Project(name="default"))
    branch = pfs.Branch(name="master", repo=repo)
    put = pfs.AddFile(path="/g")
    put.raw.value = b"y" * 1000
    first = pfs.ModifyFileRequest(set_commit=pfs.Commit(branch=branch, repo=repo))
    return [first, pfs.ModifyFileRequest(add_file=put)]
