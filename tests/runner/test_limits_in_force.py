"""What a worker says of its limits is what a stage meets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calf.model.limits import NOTHING
from calf.runner.cgroup import Groups

if TYPE_CHECKING:
    from tests.runner.benches import Bench

MIB = 1 << 20
MOST = 60
FORKS = """
import os, time
forked = 0
try:
    for _ in range(150):
        if os.fork() == 0: time.sleep(60); os._exit(0)
        forked += 1
except OSError: pass
print(forked)
"""


def without_groups(bench: Bench) -> Bench:
    site = replace(bench.runner.site, groups=Groups("calf-none-", MOST, allowed=False))
    return replace(bench, runner=replace(bench.runner, site=site), lines=[])


def test_limits_are_told_with_what_enforces_them(bench: Bench) -> None:
    held = bench.runner.site.groups.held()
    found = {limit.name: limit for limit in bench.worker("true", memory=64 * MIB, disk=MIB).limits}
    assert {name: limit.value for name, limit in found.items()} == {
        "memory": "64MiB",
        "processes": "100",
        "disk": "1MiB",
    }
    assert {name for name in ("memory", "processes") if "control group" in found[name].by} == held
    assert found["disk"].by != NOTHING
    assert [limit.name for limit in bench.worker("true").limits] == ["processes"]


def test_processes_are_no_more_than_is_told_also_without_control_groups(bench: Bench) -> None:
    alone = without_groups(bench)
    worker = alone.worker("python3", "-c", FORKS)
    (limit,) = worker.limits
    assert limit.value == str(MOST)
    assert "control group" not in limit.by
    assert alone.datum(worker).ok
    forked = int(alone.said())
    assert forked == 150 if limit.by == NOTHING else 20 < forked < MOST


def test_memory_without_control_groups_is_told_to_hold_for_each_process(best: Bench) -> None:
    worker = without_groups(best).worker("true", memory=64 * MIB)
    assert {limit.name: limit.by for limit in worker.limits}[
        "memory"
    ] == "RLIMIT_DATA, for each process alone"
