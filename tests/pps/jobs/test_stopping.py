"""Stopping and deleting jobs, by hand."""

from __future__ import annotations

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import NotFound
from calf.model.refs import Pipeline
from calf.pps import pipelines
from tests.pps.stages import Stage, Visit, copy
from tests.pps.workshop import Open, Workshop, counts


def gated(gate: CancelToken) -> dict[str, Stage]:
    def wait(visit: Visit) -> dict[str, bytes]:
        visit.wait_for(gate)
        return copy(visit)

    return {"wait": wait}


def test_a_stopped_job_in_the_middle_is_passed_over(open_workshop: Open) -> None:
    gate = CancelToken()
    workshop = open_workshop(gated(gate))
    workshop.repo("in")
    workshop.wait("p", creation := workshop.pipeline("p", stage="wait"))
    first, second, third = (workshop.put("in", {f"/{n}": str(n)}) for n in range(3))
    workshop.until("p", first, "RUNNING")
    workshop.stop_job("p", second)
    gate.cancel()
    last = workshop.wait("p", third)
    assert [info.job.id for info in workshop.jobs("p")] == [third, second, first, creation]
    assert workshop.states("p") == ["SUCCESS", "KILLED", "SUCCESS", "SUCCESS"]
    assert counts(last) == {"processed": 2, "skipped": 1}
    assert workshop.files("p") == {"/0": "0", "/1": "1", "/2": "2"}


def test_a_running_job_is_stopped_with_its_datums_and_the_next_one_is_normal(open_workshop: Open) -> None:
    gate = CancelToken()
    workshop = open_workshop(gated(gate))
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.until("p", running := workshop.pipeline("p", stage="wait"), "RUNNING")
    workshop.stop_job("p", running)
    killed = workshop.wait("p", running)
    assert (killed.state.name, killed.reason) == ("KILLED", "job stopped")
    gate.cancel()
    assert counts(workshop.wait("p", workshop.put("in"))) == {"processed": 1}


def test_what_a_killed_job_had_done_is_not_reused(open_workshop: Open) -> None:
    gate = CancelToken()

    def one_waits(visit: Visit) -> dict[str, bytes]:
        if visit.env["in"] == "/pfs/in/slow":
            visit.wait_for(gate)
        return copy(visit)

    workshop = open_workshop({"one_waits": one_waits})
    workshop.repo("in")
    workshop.put("in", {"/quick": "1", "/slow": "2"})
    running = workshop.pipeline("p", stage="one_waits", parallelism_spec={"constant": 2})
    workshop.until_counts("p", running, processed=1)
    workshop.stop_job("p", running)
    gate.cancel()
    assert counts(workshop.wait("p", workshop.put("in"))) == {"processed": 2}


def test_stopping_an_ended_job_changes_nothing(workshop: Workshop) -> None:
    before = workshop.wait("p", creation := workshop.pipeline("p"))
    workshop.stop_job("p", creation)
    assert workshop.wait("p", creation) == before


def test_deleting_a_running_job_stops_it(open_workshop: Open) -> None:
    workshop = open_workshop(gated(CancelToken()))
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.until("p", running := workshop.pipeline("p", stage="wait"), "RUNNING")
    info = workshop.jobs("p")[0]
    workshop.delete_job("p", running)
    with pytest.raises(NotFound, match="not found"):
        workshop.wait("p", running)
    assert workshop.commit_error(info.output_commit) == "job deleted"


def test_a_stop_makes_jobs_downstream_unrunnable(open_workshop: Open) -> None:
    workshop = open_workshop(gated(CancelToken()))
    workshop.repo("in")
    workshop.pipeline("p", stage="wait")
    workshop.wait("q", workshop.pipeline("q", "p:/*"))
    running = workshop.put("in", {"/a": "1"})
    workshop.until("p", running, "RUNNING")
    assert workshop.until("q", running, "STARTING").reason == "waiting for p"
    workshop.stop_job("p", running)
    assert workshop.wait_set(running) == ["KILLED", "UNRUNNABLE"]


def test_a_started_pipeline_has_one_job_however_much_happened_while_it_was_stopped(
    workshop: Workshop,
) -> None:
    workshop.wait("p", creation := workshop.pipeline("p"))
    workshop.pause("p")
    for number in range(3):
        workshop.put("in", {f"/{number}": ""})
    assert [info.job.id for info in workshop.jobs("p")] == [creation]
    started = workshop.resume("p")
    assert counts(workshop.wait("p", started)) == {"processed": 3}
    assert [info.job.id for info in workshop.jobs("p")] == [started, creation]


def test_stopping_a_pipeline_kills_its_jobs(open_workshop: Open) -> None:
    workshop = open_workshop(gated(CancelToken()))
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.until("p", running := workshop.pipeline("p", stage="wait"), "RUNNING")
    workshop.pause("p")
    killed = workshop.wait("p", running)
    assert killed.state.name == "KILLED"
    assert killed.reason == "all jobs killed because pipeline was stopped for user unknown_username"


def test_an_update_while_stopped_runs_when_started(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", workshop.pipeline("p", stage="nothing"))
    workshop.pause("p")
    workshop.pipeline("p", update=True, reprocess=True)
    assert workshop.states("p") == ["SUCCESS"]
    info = workshop.wait("p", workshop.resume("p"))
    assert (info.pipeline_version, counts(info)) == (2, {"processed": 1})
    assert workshop.files("p") == {"/a": "1"}


def test_a_job_waits_for_its_image_and_says_so(workshop: Workshop) -> None:
    workshop.images.unknown.add("mine:1")
    workshop.put("in", {"/a": "1"})
    waiting = workshop.pipeline("p", transform={"image": "mine:1"})
    held = workshop.until("p", waiting, "STARTING")
    assert "image mine:1 not found" in held.reason
    workshop.images.unknown.clear()
    assert workshop.wait("p", waiting).state.name == "SUCCESS"


def test_deleting_a_pipeline_deletes_its_jobs_also_under_way(open_workshop: Open) -> None:
    workshop = open_workshop(gated(CancelToken()))
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.until("p", running := workshop.pipeline("p", stage="wait"), "RUNNING")
    with workshop.pfs.transaction() as txn:
        pipelines.delete(txn, Pipeline("default", "p"))
    with pytest.raises(NotFound):
        workshop.wait("p", running)
    assert workshop.jobs("p") == []
    workshop.wait("p", again := workshop.pipeline("p", stage="copy"))
    assert [info.job.id for info in workshop.jobs("p")] == [again]
