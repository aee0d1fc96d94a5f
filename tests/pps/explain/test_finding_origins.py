"""Where files come from, and what it takes to run a datum again."""

from __future__ import annotations

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import NotFound
from calf.model.refs import CommitRef, Datum, Pipeline, Repo
from calf.model.states import DatumState, JobState
from calf.pfs import commits, files
from calf.pfs.files import AddFile
from calf.pps import explain
from calf.pps.explain import Origin
from tests.pps.stages import Visit, copy
from tests.pps.workshop import Open, Workshop, job


def why(workshop: Workshop, where: str) -> list[Origin]:
    """`where` is `repo@commit:/path`."""
    repo, _, rest = where.partition("@")
    at, _, path = rest.partition(":")
    return list(explain.why(workshop.pps, CommitRef(Repo("default", repo), at), path, CancelToken()))


def test_a_skipped_datums_file_leads_to_the_run_that_wrote_it(workshop: Workshop) -> None:
    workshop.pipeline("p", transform={"env": {"A": "1"}})
    first = workshop.put("in", {"/a": "1"})
    workshop.wait("p", first)
    workshop.wait("p", workshop.put("in", {"/b": "2"}))
    (origin,) = why(workshop, "p@master:/a")
    assert origin.datum is not None
    assert origin.job is not None
    assert origin.pipeline is not None
    assert (origin.datum.datum.job.id, origin.job.job.id) == (first, first)
    assert [str(item.commit) for item in origin.datum.inputs] == [f"default/in@{first}"]
    assert (origin.pipeline.version, origin.pipeline.image) == (1, origin.job.image)
    assert (origin.env["A"], origin.env["in"], origin.env["PACH_JOB_ID"]) == ("1", "/pfs/in/a", first)
    assert origin.commit is None
    assert origin.size == 1


def test_the_files_of_a_folder_each_have_an_origin(workshop: Workshop) -> None:
    workshop.wait("p", workshop.pipeline("p"))
    workshop.wait("p", workshop.put("in", {"/d/a": "1", "/e": "2"}))
    found = why(workshop, "p@master:/")
    assert [origin.file.path for origin in found] == ["/d/a", "/e"]
    assert len({origin.file.datum for origin in found}) == 2


def test_a_users_file_leads_to_the_commit_that_brought_it(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    second = workshop.put("in", {"/a": "2"})
    workshop.put("in", {"/b": "3"}, error="bad")
    workshop.put("in", {"/c": "4"})
    (origin,) = why(workshop, "in@master:/a")
    assert origin.datum is None
    assert origin.commit is not None
    assert origin.commit.commit.id == second


def test_nothing_is_held_open_while_a_client_takes_its_time(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1", "/b": "2"})
    where = CommitRef(Repo("default", "in"), "master")
    origins = explain.why(workshop.pps, where, "/", CancelToken())
    next(origins)
    later = workshop.put("in", {"/c": "3"})
    with workshop.pps.pfs.read() as tx:
        assert commits.resolve(tx, where).id == later
    assert next(origins).file.path == "/b"


def test_a_forgotten_commit_ends_the_search_for_where_a_file_came_in(workshop: Workshop) -> None:
    workshop.pipeline("p")
    by_hand = CommitRef(Repo("default", "p"), "by-hand")
    ids = [
        files.modify(workshop.pps.pfs, by_hand, [AddFile(f"/{number}", [b"x"])], CancelToken()).id
        for number in range(3)
    ]
    with workshop.pps.pfs.transaction() as txn:
        commits.forget(txn, CommitRef(Repo("default", "p"), ids[0]))
    (origin,) = why(workshop, "p@by-hand:/0")
    assert origin.commit is not None
    assert origin.commit.commit.id == ids[1]


def test_a_run_whose_job_was_deleted_is_still_known(workshop: Workshop) -> None:
    workshop.pipeline("p")
    first = workshop.put("in", {"/a": "1"})
    workshop.wait("p", first)
    workshop.wait("p", workshop.put("in", {"/b": "2"}))
    workshop.delete_job("p", first)
    (origin,) = why(workshop, "p@master:/a")
    assert origin.datum is not None
    assert origin.datum.datum.job.id == first
    assert origin.job is None
    assert origin.pipeline is None


def test_what_is_not_there_has_no_origin(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    with pytest.raises(NotFound, match="file /b not found"):
        why(workshop, "in@master:/b")


def test_a_failed_datum_comes_with_all_that_its_stage_saw(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    made = workshop.pipeline("p", stage="fail", datum_timeout="5s", transform={"stdin": ["x"]})
    workshop.wait("p", made)
    (datum,) = workshop.datums("p", made)
    kit = explain.debug_datum(workshop.pps, datum.datum)
    assert (kit.datum.state, kit.job.state) == (DatumState.FAILED, JobState.FAILURE)
    assert (kit.transform.cmd, kit.transform.stdin, kit.timeout) == (("fail",), ("x",), 5.0)
    assert kit.env["PACH_DATUM_ID"] == datum.datum.id
    assert kit.image is not None
    assert kit.image.name == "busybox:1"
    assert kit.output is not None
    assert kit.output.path == f"/pfs/{datum.datum.id}/out/"


def test_a_skipped_datum_comes_as_its_run_saw_it(workshop: Workshop) -> None:
    workshop.pipeline("p")
    first = workshop.put("in", {"/a": "1"})
    workshop.wait("p", first)
    second = workshop.put("in", {"/b": "2"})
    workshop.wait("p", second)
    skipped = next(it for it in workshop.datums("p", second) if it.state is DatumState.SKIPPED)
    kit = explain.debug_datum(workshop.pps, Datum(job("p", second), skipped.datum.id))
    assert (kit.job.job.id, kit.env["PACH_JOB_ID"]) == (first, first)


def test_a_datum_that_runs_now_can_be_looked_at(open_workshop: Open) -> None:
    gate = CancelToken()

    def slow(visit: Visit) -> dict[str, bytes]:
        visit.wait_for(gate)
        return copy(visit)

    workshop = open_workshop({"slow": slow})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    made = workshop.pipeline("p", stage="slow")
    workshop.until("p", made, "RUNNING")
    with workshop.pfs.read() as tx:
        (planned,) = explain.plan_pipeline(workshop.pps, tx, Pipeline("default", "p")).datums
    kit = explain.debug_datum(workshop.pps, Datum(job("p", made), planned.id))
    assert (kit.datum.state, kit.output) == (DatumState.UNKNOWN, None)
    gate.cancel()
    assert workshop.wait("p", made).state is JobState.SUCCESS
    with pytest.raises(NotFound, match="not found in job"):
        explain.debug_datum(workshop.pps, Datum(job("p", made), "0" * 64))
