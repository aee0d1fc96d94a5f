"""A server that dies in the middle of jobs: the next goes on, and repeats nothing that is written down."""

from __future__ import annotations

from calf.kit.cancel import CancelToken
from tests.pps.stages import Stage, Visit, copy
from tests.pps.workshop import Open, counts


def slow(gate: CancelToken) -> dict[str, Stage]:
    def wait(visit: Visit) -> dict[str, bytes]:
        if visit.env["in"] == "/pfs/in/slow":
            visit.wait_for(gate)
        return copy(visit)

    return {"wait": wait}


OPEN_GATE = CancelToken()
OPEN_GATE.cancel()


def test_a_job_goes_on_and_does_not_repeat_what_was_done(open_workshop: Open) -> None:
    before = open_workshop(slow(CancelToken()))
    before.repo("in")
    before.put("in", {"/quick": "1", "/slow": "2"})
    job = before.pipeline("p", stage="wait")
    before.until_counts("p", job, processed=1)
    before.close()
    after = open_workshop(slow(OPEN_GATE))
    info = after.wait("p", job)
    assert (info.state.name, info.restarts, counts(info)) == ("SUCCESS", 1, {"processed": 2})
    assert after.files("p") == {"/quick": "1", "/slow": "2"}
    (slow_datum,) = (each for each in after.datums("p", job) if each.inputs[0].path == "/slow")
    assert after.runner.attempts == {slow_datum.datum.id: 1}


def test_jobs_that_waited_still_wait_and_then_run(open_workshop: Open) -> None:
    before = open_workshop(slow(CancelToken()))
    before.repo("in")
    before.wait("q", before.pipeline("p", stage="wait") and before.pipeline("q", "p:/*"))
    job = before.put("in", {"/slow": "1"})
    before.until("p", job, "RUNNING")
    before.until("q", job, "STARTING")
    before.close()
    after = open_workshop(slow(OPEN_GATE))
    assert after.wait_set(job) == ["SUCCESS", "SUCCESS"]
    assert (after.wait("p", job).restarts, after.wait("q", job).restarts) == (1, 0)


def test_commits_that_came_while_nobody_looked_get_their_jobs(open_workshop: Open) -> None:
    before = open_workshop()
    before.repo("in")
    before.wait("p", before.pipeline("p"))
    before.scheduler.stop()
    job = before.put("in", {"/a": "1"})
    before.pfs.close()
    before.logs.close()
    after = open_workshop()
    assert counts(after.wait("p", job)) == {"processed": 1}


def test_stopping_waits_for_no_stage(open_workshop: Open) -> None:
    workshop = open_workshop(slow(CancelToken()))
    workshop.repo("in")
    workshop.put("in", {"/slow": "1"})
    workshop.until("p", job := workshop.pipeline("p", stage="wait"), "RUNNING")
    workshop.close()
    again = open_workshop(slow(OPEN_GATE))
    assert again.wait("p", job).state.name == "SUCCESS"
