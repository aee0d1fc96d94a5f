"""The warm process beside a server: there is one, it comes again, and it does not outlive the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from calf.cli.warm import door
from calf.daemon.warm import YOUNG, Warm
from tests.cli.warm.processes import LIMIT, wait_until_it_listens
from tests.runner.benches import few_descriptors


@pytest.fixture
def tag() -> str:
    return f"d{os.getpid()}"


@pytest.fixture
def keeper(tag: str) -> Iterator[Warm]:
    made = Warm({door.SWITCH: tag})
    yield made
    made.stop()


def pid_of(warm: Warm) -> int:
    assert warm._running is not None
    return warm._running[0].pid


def is_running(warm: Warm) -> bool:
    return warm._running is not None


def test_it_is_started_again_when_it_ended(keeper: Warm) -> None:
    keeper.look(0.0)
    first = pid_of(keeper)
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    keeper.look(YOUNG)
    assert pid_of(keeper) != first


def test_one_that_ends_at_once_is_started_later_and_later(keeper: Warm) -> None:
    begins = []
    for second in range(20):
        keeper.look(float(second))
        if keeper._running is not None:
            begins.append(second)
            os.kill(pid_of(keeper), signal.SIGKILL)
            os.waitid(os.P_PID, pid_of(keeper), os.WEXITED | os.WNOWAIT)
    assert begins == [0, 2, 6, 14]


def test_of_two_servers_one_has_it_and_the_other_takes_over(keeper: Warm, tag: str) -> None:
    other = Warm({door.SWITCH: tag})
    keeper.look(0.0)
    other.look(0.0)
    assert not is_running(other)
    keeper.stop()
    other.look(0.0)
    assert is_running(other)
    other.stop()


def test_a_server_without_a_free_descriptor_goes_on_without_it(keeper: Warm) -> None:
    with few_descriptors(0):
        keeper.look(0.0)
    assert not is_running(keeper)
    keeper.look(YOUNG)
    assert pid_of(keeper)


def test_the_switch_leaves_it_out() -> None:
    without = Warm({door.SWITCH: door.OFF})
    without.look(0.0)
    assert without._running is None


def test_it_goes_with_a_killed_server(tag: str) -> None:
    script = (
        "import sys, time; from calf.daemon.warm import Warm;"
        "warm = Warm({'CALF_WARM': sys.argv[1]}); warm.look(0.0); print(warm._running[0].pid, flush=True);"
        "time.sleep(60)"
    )
    server = subprocess.Popen([sys.executable, "-c", script, tag], stdout=subprocess.PIPE)
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    wait_until_it_listens(tag)
    handle = os.pidfd_open(pid)
    server.kill()
    server.communicate()
    import select

    poller = select.poll()
    poller.register(handle, select.POLLIN)
    assert poller.poll(LIMIT * 1000)
    os.close(handle)
