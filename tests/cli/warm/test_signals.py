"""A command and the process that stands for it end and stop together."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.warm.processes import LIMIT, Pachctl


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def of_reader(descriptor: int) -> list[int]:
    """The processes that have this pipe open, but for this one."""
    wanted = Path(f"/proc/self/fd/{descriptor}").readlink()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = [each.readlink() for each in (process / "fd").iterdir()]
        except OSError:
            continue
        if wanted in links and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def reads(pid: int) -> bool:
    """Whether it waits in a call on its standard input, as this command does once it is begun."""
    try:
        call = Path(f"/proc/{pid}/syscall").read_text().split()
    except OSError:  # the kernel keeps that to itself
        return state(pid) == "S"
    return call[1:2] == ["0x0"] and state(pid) == "S"


@pytest.fixture
def waiting(served: Pachctl) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A command that waits for its input, and the process that it is in truth."""
    served.warm("create", "repo", "in")
    # a group of its own: where nobody else of the session is its parent, the kernel stops no process of one
    started = served.start(
        "put", "file", "in@master:/f", stdin=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
    )
    assert started.stdin is not None
    found: list[int] = []

    def is_there() -> bool:
        found[:] = [pid for pid in of_reader(started.stdin.fileno()) if pid != started.pid]  # type: ignore[union-attr]
        return bool(found) and reads(found[0])

    until(is_there)
    yield started, found[0]
    started.kill()
    started.communicate()


def test_an_interrupt_is_the_commands(waiting: tuple[subprocess.Popen[bytes], int]) -> None:
    started, _ = waiting
    started.send_signal(signal.SIGINT)
    assert b"interrupted" in started.communicate(timeout=LIMIT)[1]
    assert started.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_what_ends_the_client_ends_the_command(
    waiting: tuple[subprocess.Popen[bytes], int], number: signal.Signals
) -> None:
    started, command = waiting
    started.send_signal(number)
    assert started.wait(LIMIT) == -number
    until(lambda: not Path(f"/proc/{command}").exists())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_ends_the_command_ends_the_client(
    waiting: tuple[subprocess.Popen[bytes], int], number: signal.Signals
) -> None:
    started, command = waiting
    os.kill(command, number)
    assert started.wait(LIMIT) == -number


def test_a_stopped_client_stops_the_command(waiting: tuple[subprocess.Popen[bytes], int]) -> None:
    started, command = waiting
    started.send_signal(signal.SIGTSTP)
    until(lambda: state(command) == state(started.pid) == "T")
    started.send_signal(signal.SIGCONT)
    until(lambda: state(command) == "S")
    started.send_signal(signal.SIGINT)
    assert started.wait(LIMIT) == 130


def test_an_interrupt_that_is_ignored_is_ignored(served: Pachctl) -> None:
    served.warm("create", "repo", "in")
    started = served.start("put", "file", "in@master:/f", after="trap '' INT;", stdin=subprocess.PIPE)
    assert started.stdin is not None
    until(lambda: len(of_reader(started.stdin.fileno())) > 1)  # type: ignore[union-attr]
    started.send_signal(signal.SIGINT)
    started.communicate(b"text", LIMIT)
    assert started.returncode == 0
