"""Asking for jobs, job sets and datums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread

import pytest

from calf.db.database import Database
from calf.db.tx import Tx
from calf.kit.cancel import CancelToken
from calf.model.errors import Cancelled, InvalidArgument, NotFound
from calf.model.pps_infos import JobInfo
from calf.model.refs import CommitRef, Pipeline, Repo
from calf.model.states import DatumState, JobState
from calf.pps import pipelines
from calf.pps.jobs import sets
from calf.pps.jobs.datum_list import DatumQuery, list_datums
from calf.pps.jobs.list_ import JobQuery
from calf.pps.jobs.subscribe import subscribe
from tests.pps.workshop import Workshop, job


def two_pipelines(workshop: Workshop) -> list[str]:
    """p and q, which reads p; gives the sets, oldest first: two creations and two commits."""
    made = [workshop.pipeline("p"), workshop.pipeline("q", "p:/*")]
    made += [workshop.put("in", {f"/{n}": str(n)}) for n in range(2)]
    for set_id in made:
        workshop.wait_set(set_id)
    return made


def ids(found: Sequence[JobInfo]) -> list[str]:
    return [info.job.id for info in found]


def test_jobs_are_listed_newest_first_and_by_pages(workshop: Workshop) -> None:
    creation, _, first, second = two_pipelines(workshop)
    every = workshop.jobs("p")
    assert ids(every) == [second, first, creation]
    assert ids(workshop.jobs("p", number=2)) == [second, first]
    assert ids(workshop.jobs("p", after=every[1].created)) == [creation]
    assert ids(workshop.jobs("p", reverse=True)) == [creation, first, second]
    assert ids(workshop.jobs("p", reverse=True, after=every[2].created, number=1)) == [first]


def test_jobs_are_filtered_by_state_version_project_and_input(workshop: Workshop) -> None:
    creation, _, first, second = two_pipelines(workshop)
    updated = workshop.pipeline("p", stage="fail", update=True, reprocess=True)
    workshop.wait("p", updated)
    assert ids(workshop.jobs("p", states=frozenset({JobState.FAILURE}))) == [updated]
    assert ids(workshop.jobs("p", history=0)) == [updated]
    assert ids(workshop.jobs("p", history=1)) == [updated, second, first, creation]
    assert workshop.jobs("p", projects=("elsewhere",)) == []
    assert ids(workshop.jobs("p", inputs=(CommitRef(Repo("default", "in"), first),))) == [first]


def test_asking_for_a_negative_number_of_jobs_is_refused(workshop: Workshop) -> None:
    workshop.wait("p", workshop.pipeline("p"))
    with pytest.raises(InvalidArgument, match="must not be negative"):
        workshop.jobs("p", number=-1)


def test_a_set_has_its_jobs_upstream_first_and_sets_are_listed_newest_first(workshop: Workshop) -> None:
    made = two_pipelines(workshop)
    found = list(sets.list_sets(workshop.pfs, JobQuery()))
    assert [each.id for each in found] == made[::-1]
    assert [str(info.job.pipeline) for info in found[0].jobs] == ["default/p", "default/q"]
    assert [each.id for each in sets.list_sets(workshop.pfs, JobQuery(number=1))] == made[-1:]


def test_a_set_of_commits_without_jobs_is_empty_and_an_unknown_one_is_not_found(workshop: Workshop) -> None:
    assert sets.inspect_set(workshop.pfs, workshop.put("in", {"/a": ""})) == ()
    with pytest.raises(NotFound, match="no commits found for commitset 00"):
        sets.inspect_set(workshop.pfs, "00")


def test_unknown_jobs_and_datums_are_not_found(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", creation := workshop.pipeline("p"))
    for missing in ("0" * 64, "no-id"):
        with pytest.raises(NotFound, match=f"datum {missing} not found in job default/p@{creation}"):
            workshop.datum("p", creation, missing)
    with pytest.raises(NotFound, match="job default/p@nothing not found"):
        workshop.wait("p", "nothing")
    with pytest.raises(NotFound, match="not found"):
        workshop.datums("nobody", creation)


def test_datums_are_listed_by_id_by_pages_and_by_state(workshop: Workshop) -> None:
    workshop.put("in", {f"/{n}": "" for n in range(5)})
    workshop.wait("p", creation := workshop.pipeline("p"))

    def listed(**query: object) -> list[str]:
        wanted = DatumQuery(job("p", creation), **query)  # type: ignore[arg-type]  # as each test says
        return [info.datum.id for info in list_datums(workshop.pfs, wanted)]

    every = listed()
    assert every == sorted(every)
    assert listed(number=2) == every[:2]
    assert listed(after=every[1]) == every[2:]
    assert listed(reverse=True, after=every[2]) == every[1::-1]
    assert listed(states=frozenset({DatumState.FAILED})) == []
    with pytest.raises(InvalidArgument, match="pagination marker"):
        listed(after="x")


def test_whoever_follows_a_pipeline_sees_each_of_its_jobs(workshop: Workshop) -> None:
    stop = CancelToken()
    workshop.scheduler.stop()
    made = [workshop.pipeline("p"), workshop.put("in", {"/a": "1"})]
    following = subscribe(workshop.pfs, Pipeline("default", "p"), stop)
    assert [next(following).job.id for _ in made] == made
    workshop.stop_job("p", made[0])
    third = workshop.put("in", {"/b": "1"})
    assert workshop.states("p") == ["CREATED", "CREATED", "KILLED"]
    assert next(following).job.id == third
    stop.cancel()
    with pytest.raises(Cancelled):
        next(following)


def test_whoever_looks_for_him_who_follows_leaves_no_trace(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others ask his question in their own threads, and some of them see an earlier state."""
    workshop.scheduler.stop()
    made = workshop.pipeline("p")
    db, questions = workshop.pfs.db, []

    def wait(question: Callable[[Tx], object], cancel: CancelToken) -> object:
        questions.append(question)
        return Database.wait(db, question, cancel)

    monkeypatch.setattr(db, "wait", wait)
    assert next(subscribe(workshop.pfs, Pipeline("default", "p"), CancelToken())).job.id == made

    def end_and_ask() -> None:
        workshop.stop_job("p", made)
        with db.read() as tx:
            questions[0](tx)

    with db.read() as tx:
        assert questions[0](tx) is None
        other = Thread(target=end_and_ask)
        other.start()
        other.join()
        assert questions[0](tx) is None


def test_following_a_pipeline_that_is_missing_or_deleted_meanwhile_fails(workshop: Workshop) -> None:
    with pytest.raises(NotFound, match='pipeline "default/p" not found'):
        next(subscribe(workshop.pfs, Pipeline("default", "p"), CancelToken()))
    workshop.scheduler.stop()
    workshop.pipeline("p")
    following = subscribe(workshop.pfs, Pipeline("default", "p"), CancelToken())
    next(following)
    with workshop.pfs.transaction() as txn:
        pipelines.delete(txn, Pipeline("default", "p"))
    with pytest.raises(NotFound, match='pipeline "default/p" not found'):
        next(following)
