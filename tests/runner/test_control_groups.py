"""What killed servers left in the kernel is swept, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from calf.runner.cgroup import Group, Groups, OneByOne

LEAVE_ONE = """
import sys
from calf.runner.cgroup import Groups
print(*Groups(sys.argv[1], 10).make(0).folders)
"""


def left_by_a_dead_server(prefix: str) -> Path:
    said = subprocess.run(
        [sys.executable, "-c", LEAVE_ONE, prefix], capture_output=True, text=True, check=True
    )
    if not said.stdout.strip():
        pytest.skip("this machine does not let us make control groups")
    return Path(said.stdout.split()[0])


@pytest.fixture
def mine() -> Iterator[Group]:
    group = Groups("calf-test-mine-", 10).make(0)
    yield group
    group.close()


@pytest.mark.parametrize("prefix", ["calf-test-same-", "calf-test-other-"])
def test_groups_of_dead_servers_are_removed(prefix: str) -> None:
    left = left_by_a_dead_server(prefix)
    assert left.exists()
    Groups("calf-test-same-", 10).sweep()
    assert not left.exists()


def test_two_servers_that_sweep_at_once_do_not_break_each_other() -> None:
    failed: list[BaseException] = []

    def sweep() -> None:
        try:
            Groups("calf-test-same-", 10).sweep()
        except OSError as error:
            failed.append(error)

    for _ in range(3):
        left = left_by_a_dead_server("calf-test-same-")
        sweeps = [threading.Thread(target=sweep) for _ in range(4)]
        for each in sweeps:
            each.start()
        for each in sweeps:
            each.join()
        assert not left.exists()
    assert failed == []


def test_groups_of_living_servers_stay(mine: Group) -> None:
    Groups("calf-test-other-", 10).sweep()
    assert all(folder.exists() for folder in mine.folders)


def test_groups_that_come_and_go_meanwhile_do_not_break_a_sweep(mine: Group) -> None:
    groups, done = Groups("calf-test-mine-", 10), threading.Event()

    def come_and_go() -> None:
        while not done.is_set():
            groups.make(0).close()

    others = [threading.Thread(target=come_and_go) for _ in range(2)]
    for other in others:
        other.start()
    try:
        for _ in range(100):
            Groups("calf-test-other-", 10).sweep()
    finally:
        done.set()
        for other in others:
            other.join()


def test_a_sweep_ends_who_is_still_inside() -> None:
    left = left_by_a_dead_server("calf-test-same-")
    with subprocess.Popen(["sleep", "60"]) as orphan:
        (left / "cgroup.procs").write_text(str(orphan.pid))
        Groups("calf-test-same-", 10).sweep()
        assert orphan.wait() == -9


def test_a_group_that_is_as_new_serves_the_next_process_too() -> None:
    groups = Groups("calf-test-mine-", 10)
    one_by_one = OneByOne(lambda: groups.make(0))
    first, beside = one_by_one.take(), one_by_one.take()
    if not first.folders:
        pytest.skip("this machine does not let us make control groups")
    one_by_one.give_back(first)
    one_by_one.give_back(beside)
    assert [group.folders[0].exists() for group in (first, beside)] == [True, False]
    assert one_by_one.take() is first
    one_by_one.give_back(first)
    one_by_one.close()
    assert not first.folders[0].exists()


def test_a_group_that_somebody_removed_meanwhile_is_not_used_again() -> None:
    one_by_one = OneByOne(lambda: Groups("calf-test-mine-", 10).make(0))
    kept = one_by_one.take()
    if not kept.folders:
        pytest.skip("this machine does not let us make control groups")
    one_by_one.give_back(kept)
    kept.folders[0].rmdir()
    fresh = one_by_one.take()
    assert fresh.folders[0].exists()
    fresh.close()


def test_a_group_that_somebody_is_in_or_that_counts_memory_is_not_used_again() -> None:
    groups = Groups("calf-test-mine-", 10)
    one_by_one = OneByOne(lambda: groups.make(0))
    left, counting = one_by_one.take(), groups.make(1 << 26)
    if not (left.folders and counting.memory):
        pytest.skip("this machine does not let us make control groups")
    with subprocess.Popen(["sleep", "60"]) as orphan:
        (left.folders[0] / "cgroup.procs").write_text(str(orphan.pid))
        for group in (left, counting):
            one_by_one.give_back(group)
            assert not group.folders[0].exists()
        assert orphan.wait() == -9
