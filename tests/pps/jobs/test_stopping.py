"""Stopping and deleting jobs, by hand."""

from __future__ import annotations

import pytest

from calf.kit.cancel import CancelToken
from calf.model.errors import NotFound, WrongState
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


def test_an_ended_job_cannot_be_stopped(workshop: Workshop) -> None:
    workshop.wait("p", creation := workshop.pipeline("p"))
    with pytest.raises(WrongState, match=f"job default/p@{creation} has already finished"):
        workshop.stop_job("p", creation)


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
