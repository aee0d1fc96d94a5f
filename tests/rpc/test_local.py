"""The door for clients of the same user on the same machine."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calf.client.connection import Client, connect
from calf.client.local_door import find_door
from calf.client.put import put_files
from calf.client.put_requests import Source
from calf.client.terms import Terms
from calf.model.errors import Cancelled, InvalidArgument, NoSpace, NotFound, Unimplemented, Unreachable
from calf.rpc.batches import Handed, SmallFiles
from calf.rpc.call import Call, Handlers
from calf.rpc.local import LocalServer, serve_locally
from calf.wire.frames import END, MESSAGE
from calf.wire.messages import google, pfs
from calf.wire.messages import version as api
from calf.wire.methods import find_method

MODIFY, LIST, INSPECT = "/pfs_v2.API/ModifyFile", "/pfs_v2.API/ListRepo", "/pfs_v2.API/InspectRepo"
COMMIT = pfs.Commit(repo=pfs.Repo(name="r"), id="master")
Open = Callable[[Handlers], Client]
_numbers = itertools.count(1)


def fresh_address() -> str:
    """A name for a socket: an address of this machine's own that no other process takes."""
    a, b, c = os.getpid().to_bytes(4, "big")[1:]
    return f"127.{a}.{b}.{c}:{next(_numbers)}"


@pytest.fixture
def open_door() -> Iterator[Open]:
    with ExitStack() as stack:

        def start(handlers: Handlers) -> Client:
            address = fresh_address()
            server = serve_locally(handlers, address)
            assert server is not None
            stack.callback(server.stop, 2)
            client = stack.enter_context(connect(address))
            assert client.hands_files
            return client

        yield start


def test_answers_streams_and_errors_come_back_call_after_call(open_door: Open) -> None:
    def find(request: Any, call: Call) -> Any:
        raise NotFound(f"no {request.repo.name} for {call.user_agent}", "look", "name")

    def stream(_request: Any, _call: Call) -> Iterator[Any]:
        yield from (pfs.RepoInfo(description=str(number)) for number in range(3))

    client = open_door({LIST: stream, INSPECT: find})
    for _ in range(2):
        found = [info.description for info in client.pfs.ListRepo(pfs.ListRepoRequest())]
        assert found == ["0", "1", "2"]
        next(iter(client.pfs.ListRepo(pfs.ListRepoRequest())))  # and no more of it
        with pytest.raises(NotFound, match="no x for calf") as caught:
            client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=pfs.Repo(name="x")))
        assert (caught.value.hint, caught.value.field) == ("look", "name")


@pytest.mark.parametrize("size", [0, 5_000_000])
def test_who_asks_an_older_server_for_what_it_has_not_hears_that_and_no_more(
    open_door: Open, size: int
) -> None:
    client = open_door({LIST: lambda _request, _call: iter(())})
    door = find_door(client.target, Terms())
    assert door is not None
    newer = replace(find_method(INSPECT), path="/calf_v9.API/Guess")
    request = pfs.InspectRepoRequest(repo=pfs.Repo(name="r" * size))
    for _ in range(3):
        with pytest.raises(Unimplemented, match=r"unknown method /calf_v9\.API/Guess"):
            door.call(newer, request)
    assert list(door.call(find_method(LIST), pfs.ListRepoRequest())) == []
    door.close()


def test_files_of_this_machine_are_handed_over(open_door: Open, tmp_path: Path) -> None:
    stored: dict[str, bytes] = {}

    def modify(requests: Any, _call: Call) -> Any:
        for request in requests:
            if isinstance(request, SmallFiles):
                stored.update((path, bytes(data)) for path, data in request.files)
            elif isinstance(request, Handed):
                with os.fdopen(request.descriptors.popleft(), "rb") as file:
                    stored[request.path] = file.read()
        return google.Empty()

    files = {"/empty": b"", "/small": b"s", "/large": os.urandom(300_000), "/again": b"a" * 131_072}
    for path, data in files.items():
        (tmp_path / path[1:]).write_bytes(data)
    (tmp_path / "link").symlink_to("small")
    client = open_door({MODIFY: modify})
    put_files(client, COMMIT, [Source(path, file=str(tmp_path / path[1:])) for path in (*files, "/link")])
    assert stored == files | {"/link": b"s"}
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidArgument, match="pipe is not a regular file"):
        put_files(client, COMMIT, [Source("/pipe", file=str(tmp_path / "pipe"))])


def test_who_is_refused_in_mid_stream_hears_why(open_door: Open) -> None:
    def refuse(requests: Any, _call: Call) -> Any:
        next(requests)
        raise InvalidArgument("path (/a*) invalid")

    client = open_door({MODIFY: refuse})
    endless = (Source(f"/{number}", file=sys.executable) for number in range(100_000))
    with pytest.raises(InvalidArgument, match=r"path \(/a\*\) invalid"):
        put_files(client, COMMIT, endless)


def test_who_breaks_off_has_put_nothing(open_door: Open) -> None:
    broken = threading.Event()

    def modify(requests: Any, _call: Call) -> Any:
        with pytest.raises(Cancelled):
            list(requests)
        broken.set()
        raise Cancelled("as it should be")

    with pytest.raises(FileNotFoundError):
        put_files(open_door({MODIFY: modify}), COMMIT, [Source("/x", file="/nowhere")])
    assert broken.wait(10)


def test_a_wait_ends_when_its_client_goes_away_or_the_server_stops() -> None:
    waiting, gone = threading.Semaphore(0), threading.Semaphore(0)

    def wait(_request: Any, call: Call) -> Any:
        woken = threading.Event()
        call.cancel.on_cancel(woken.set)
        waiting.release()
        assert woken.wait(20)
        gone.release()
        raise Cancelled("woken")

    address = fresh_address()
    server = serve_locally({INSPECT: wait}, address)
    assert isinstance(server, LocalServer)

    def ask(client: Client) -> None:
        with pytest.raises((Cancelled, Unreachable)):
            client.pfs.InspectRepo(pfs.InspectRepoRequest())

    with connect(address) as client:
        begin = client.local._begin  # type: ignore[union-attr]  # a call whose client dies is not in its API
        asking = threading.Thread(target=ask, args=(client,))
        asking.start()
        assert waiting.acquire(timeout=10)
        frames = begin(find_method(INSPECT))
        frames.send(MESSAGE)
        frames.send(END)
        assert waiting.acquire(timeout=10)
        frames.close()
        assert gone.acquire(timeout=10)
        server.stop(5)
        assert gone.acquire(timeout=10)
        asking.join(10)


def test_a_call_that_is_not_waited_for_ends_without_a_word() -> None:
    began, go_on, serving = threading.Event(), threading.Event(), list[threading.Thread]()

    def work(_request: Any, _call: Call) -> Any:
        serving.append(threading.current_thread())
        began.set()
        assert go_on.wait(20)
        return pfs.RepoInfo()

    address = fresh_address()
    server = serve_locally({INSPECT: work}, address)
    assert isinstance(server, LocalServer)
    with connect(address) as client:
        asking = threading.Thread(target=client.pfs.InspectRepo, args=(pfs.InspectRepoRequest(),))
        asking.start()
        assert began.wait(10)
        server.stop(0)
        go_on.set()
        asking.join(10)
        serving[0].join(10)


def test_one_client_too_many_is_refused_and_served_when_there_is_room(
    monkeypatch: pytest.MonkeyPatch, open_door: Open
) -> None:
    monkeypatch.setattr(LocalServer.__init__, "__defaults__", (1,))
    client = open_door({LIST: lambda _request, _call: iter(())})
    assert list(client.pfs.ListRepo(pfs.ListRepoRequest())) == []
    with connect(client.target) as other, pytest.raises(NoSpace, match="1 clients are served already"):
        list(other.pfs.ListRepo(pfs.ListRepoRequest()))
    client.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connect(client.target) as other, suppress(NoSpace):
            assert list(other.pfs.ListRepo(pfs.ListRepoRequest())) == []
            return
    pytest.fail("there never was room again")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_user_is_not_let_in(open_door: Open) -> None:
    client = open_door({"/versionpb_v2.API/GetVersion": lambda _request, _call: api.Version()})
    name = client.target.replace("localhost", "127.0.0.1")
    script = (
        f"import os, socket; os.setuid(65534); s = socket.socket(socket.AF_UNIX); "
        f"s.connect('\\0calf/1/0/{name}'); s.settimeout(5); print(s.recv(1))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() in ("b''", ""), done.stderr


def test_without_a_door_there_is_grpc() -> None:
    with connect(fresh_address()) as client:
        assert not client.hands_files
    with connect("grpcs://127.0.0.1:1") as client:
        assert not client.hands_files
