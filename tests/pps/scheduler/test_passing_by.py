"""Jobs that have nothing to do are over in one transaction, without a thread; others go their usual way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calf.db import jobs, mark
from calf.model.pfs_infos import Trigger
from calf.model.pps_infos import ImageFault, JobInfo
from calf.model.refs import Branch, Repo
from calf.model.states import JobState
from calf.pfs import branches, repos
from calf.pfs.commits.closing import FORCED, finish_by_force
from tests.pps.chain import CHAIN, Chain, Weather, counters
from tests.pps.laying import put


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """With one job in each pipeline that is over."""
    opened = Chain.open(tmp_path / "home", Weather(), *counters())
    with opened.pfs.transaction() as txn:
        for name in ("in", "side"):
            repos.create(txn, Repo("default", name))
    put(opened.pfs, "side", {"/s": "good"}, "")
    put(opened.pfs, "in", {"/x": "good"}, "")
    for name in CHAIN:
        opened.make(name, 0, update=False)
    opened.conductor.run()
    yield opened
    assert opened.reports == []
    assert opened.fsck() == []
    opened.crash()


def threads_of(chain: Chain, rounds: int = 1000) -> set[str]:
    """Let all go on until nobody can: the pipelines for whose jobs there was a thread."""
    seen: set[str] = set()
    while (ready := chain.conductor.ready()) and (rounds := rounds - 1):
        for strand in ready:
            seen.add(strand.name)
            strand.go_on()
    return {name for name in CHAIN if any(f"/{name}@" in one or f" {name}@" in one for one in seen)}


def last_jobs(chain: Chain) -> list[JobInfo]:
    with chain.pfs.read() as tx:
        return jobs.every(tx)[-len(CHAIN) :]


def transactions(chain: Chain) -> int:
    with chain.pfs.read() as tx:
        return mark.last(tx)


def put_the_same(chain: Chain) -> None:
    put(chain.pfs, "in", {"/x": "good"}, "")


def test_a_chain_with_nothing_to_do_is_over_in_one_transaction(chain: Chain) -> None:
    put_the_same(chain)
    before = transactions(chain)
    assert threads_of(chain) == set()
    assert transactions(chain) - before == 2, "one makes the jobs, one ends them"
    for info in last_jobs(chain):
        assert info.state is JobState.SUCCESS
        assert info.counts.skipped == info.counts.total == 1
        assert info.created <= info.started <= info.finished


def test_what_follows_a_job_that_changed_nothing_is_passed_by(chain: Chain) -> None:
    chain.make("a", 0, update=True, reprocess=True)
    assert threads_of(chain) == {"a"}
    assert {info.state for info in last_jobs(chain)} == {JobState.SUCCESS}


def test_a_datum_that_was_only_recovered_runs_again(chain: Chain) -> None:
    put(chain.pfs, "in", {"/x": "recover@b"}, "")
    chain.conductor.run()
    put(chain.pfs, "in", {"/x": "recover@b"}, "")
    assert threads_of(chain) == {"b", "c"}, "c has no datum to tell by that its list is alike"
    assert [info.counts.recovered for info in last_jobs(chain)] == [0, 1, 0]


def test_an_output_that_a_trigger_follows_ends_in_a_transaction_of_its_own(chain: Chain) -> None:
    with chain.pfs.transaction() as txn:
        trigger = Trigger(branch="master", commits=1)
        branches.create(txn, Branch(Repo("default", "b"), "watching"), trigger=trigger)
    put_the_same(chain)
    assert threads_of(chain) == {"b"}
    assert {info.state for info in last_jobs(chain)} == {JobState.SUCCESS}


def test_in_a_changed_image_nothing_is_passed_by(chain: Chain) -> None:
    chain.images.faults = [ImageFault("/app", "it was changed")]
    put_the_same(chain)
    assert "a" in threads_of(chain, 100)
    assert {info.state for info in last_jobs(chain)} & {JobState.SUCCESS} == set()
    chain.images.faults = []
    chain.conductor.run()
    assert {info.state for info in last_jobs(chain)} == {JobState.SUCCESS}


def test_a_job_whose_output_was_finished_by_force_is_not_passed_by(chain: Chain) -> None:
    """Found by a history: the pass met the closed commit, and reported what is no error."""
    put_the_same(chain)
    chain.conductor.run(until=lambda: last_jobs(chain)[0].state is JobState.CREATED)
    first = last_jobs(chain)[0]
    with chain.pfs.transaction() as txn:
        finish_by_force(txn, first.output_commit)
    chain.conductor.run()
    with chain.pfs.read() as tx:
        ended = jobs.get(tx, first.job)
    assert ended is not None
    assert (ended.state, ended.reason) == (JobState.KILLED, FORCED)
