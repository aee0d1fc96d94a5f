"""Jobs that could not be ended as usual: a full disk, a commit that somebody closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calf.db import jobs
from calf.model.pps_infos import JobInfo
from calf.model.refs import Repo
from calf.pfs import repos
from calf.pfs.commits.closing import FORCED, finish_by_force
from calf.pps.scheduler.loop import TIMED_OUT
from tests.pps.chain import Chain, Weather, counters
from tests.pps.laying import put


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """An engine at rest with the repo `in`; its threads go on when told to."""
    made = Chain.open(tmp_path / "home", Weather(), *counters())
    with made.pfs.transaction() as txn:
        repos.create(txn, Repo("default", "in"))
    yield made
    assert made.fsck() == []
    made.weather.full = False
    made.close()
    assert made.reports == []
    assert made.conductor.errors == []


def only_job(chain: Chain) -> JobInfo:
    with chain.pfs.read() as tx:
        (info,) = jobs.every(tx)
    return info


def go_on_until_a_datum_runs(chain: Chain) -> None:
    chain.conductor.run(until=lambda: bool(chain.pps.running.attempts()))


def test_a_job_that_ran_out_of_time_on_a_full_disk_ends_once_there_is_space(chain: Chain) -> None:
    put(chain.pfs, "in", {"/x": "good"})
    chain.make("a", 1, update=False, job_timeout="60s")
    go_on_until_a_datum_runs(chain)
    chain.weather.full = True
    for alarm in list(chain.conductor.alarms):
        alarm.go_off()
    for _ in range(100):
        for strand in chain.conductor.ready():
            strand.go_on()
    assert only_job(chain).reason != TIMED_OUT
    chain.weather.full = False
    chain.conductor.run()
    assert (only_job(chain).state.name, only_job(chain).reason) == ("KILLED", TIMED_OUT)


def test_a_job_whose_output_was_finished_by_force_is_killed_whoever_sees_it_first(chain: Chain) -> None:
    """Found by a history: the job's own thread found its commit closed, and called that a failure."""
    put(chain.pfs, "in", {"/x": "good"})
    chain.make("a", 1, update=False)
    go_on_until_a_datum_runs(chain)
    output = only_job(chain).output_commit
    with chain.pfs.transaction() as txn:
        finish_by_force(txn, output)
    while workers := [it for it in chain.conductor.ready() if it.name != "scheduler"]:
        workers[0].go_on()
    assert (only_job(chain).state.name, only_job(chain).reason) == ("KILLED", FORCED)
    chain.conductor.run()
    assert only_job(chain).reason == FORCED


def test_a_job_whose_time_is_over_as_workers_begin_on_changed_data_is_no_success(chain: Chain) -> None:
    """Found by a history: workers that were to stop left their datum, and the job ended as if it was done."""
    put(chain.pfs, "in", {"/x": "good", "/y": "good"})
    chain.make("a", 1, update=False, job_timeout="60s")
    chain.conductor.run()
    put(chain.pfs, "in", {"/x": "recover@b", "/y": "recover@b"})
    chain.conductor.run(until=lambda: any("#" in strand.name for strand in chain.conductor.strands))
    for alarm in list(chain.conductor.alarms):
        alarm.go_off()
    chain.conductor.run()
    with chain.pfs.read() as tx:
        last = max(jobs.every(tx), key=lambda info: info.created)
    assert (last.state.name, last.reason) == ("KILLED", TIMED_OUT)
