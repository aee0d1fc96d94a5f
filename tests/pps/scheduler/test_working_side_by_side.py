"""Datums and jobs at once: up to the pipeline's parallelism, up to the machine's workers, in order."""

from __future__ import annotations

import threading
from threading import Barrier, Event

import pytest

from calf.db import jobs, ledger
from calf.kit.cancel import CancelToken
from tests.pps.stages import Visit, copy
from tests.pps.workshop import Open, counts


def test_datums_run_side_by_side_up_to_the_parallelism(open_workshop: Open) -> None:
    together = Barrier(3, timeout=10)

    def meet(visit: Visit) -> dict[str, bytes]:
        together.wait()
        return copy(visit)

    workshop = open_workshop({"meet": meet})
    workshop.repo("in")
    workshop.put("in", {f"/{n}": "" for n in range(6)})
    info = workshop.wait("p", workshop.pipeline("p", stage="meet", parallelism_spec={"constant": 3}))
    assert counts(info) == {"processed": 6}
    assert workshop.runner.most_at_once == 3


def test_the_machine_has_the_last_word_over_all_pipelines(open_workshop: Open) -> None:
    workshop = open_workshop(workers=2)
    workshop.repo("in")
    workshop.put("in", {f"/{n}": "" for n in range(20)})
    made = {name: workshop.pipeline(name, parallelism_spec={"constant": 8}) for name in ("p", "q", "r")}
    assert {workshop.wait(*item).state.name for item in made.items()} == {"SUCCESS"}
    assert workshop.runner.most_at_once <= 2


def test_new_datums_run_before_the_base_has_ended_and_common_ones_wait_for_it(open_workshop: Open) -> None:
    gate = CancelToken()

    def first_waits(visit: Visit) -> dict[str, bytes]:
        if visit.env["in"] == "/pfs/in/a":
            visit.wait_for(gate)
        return copy(visit)

    workshop = open_workshop({"first_waits": first_waits})
    workshop.repo("in")
    workshop.wait("p", workshop.pipeline("p", stage="first_waits", parallelism_spec={"constant": 2}))
    first, second = workshop.put("in", {"/a": "1"}), workshop.put("in", {"/b": "2"})
    ahead = workshop.until_counts("p", second, processed=1)
    assert ahead.state.name == "RUNNING"
    gate.cancel()
    assert counts(workshop.wait("p", first)) == {"processed": 1}
    assert counts(workshop.wait("p", second)) == {"processed": 1, "skipped": 1}
    assert workshop.files("p") == {"/a": "1", "/b": "2"}


def test_another_base_is_chosen_when_the_first_turns_out_bad(open_workshop: Open) -> None:
    gate = CancelToken()

    def wait(visit: Visit) -> dict[str, bytes]:
        if visit.env["in"] == "/pfs/in/b":
            visit.wait_for(gate)
        return copy(visit)

    workshop = open_workshop({"wait": wait})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", workshop.pipeline("p", stage="wait", parallelism_spec={"constant": 2}))
    bad, last = workshop.put("in", {"/b": "2"}), workshop.put("in", {"/c": "3"})
    workshop.until_counts("p", last, processed=1)
    workshop.stop_job("p", bad)
    gate.cancel()
    assert counts(workshop.wait("p", last)) == {"processed": 2, "skipped": 1}
    assert workshop.files("p") == {"/a": "1", "/b": "2", "/c": "3"}


def test_jobs_beyond_the_parallelism_say_what_they_wait_for(open_workshop: Open) -> None:
    gate = CancelToken()

    def wait(visit: Visit) -> dict[str, bytes]:
        visit.wait_for(gate)
        return copy(visit)

    workshop = open_workshop({"wait": wait})
    workshop.repo("in")
    workshop.wait("p", workshop.pipeline("p", stage="wait"))
    first, second = workshop.put("in", {"/a": "1"}), workshop.put("in", {"/b": "2"})
    workshop.until("p", first, "RUNNING")
    queued = workshop.until_reason("p", second, f"waiting for job {first}")
    assert queued.state.name == "CREATED"
    gate.cancel()
    assert workshop.wait("p", second).reason == ""


def test_a_running_datum_can_be_told_to_start_over_without_using_up_a_try(open_workshop: Open) -> None:
    begun = Event()

    def second_time(visit: Visit) -> dict[str, bytes]:
        if not begun.is_set():
            begun.set()
            visit.wait_for(CancelToken())
        return copy(visit)

    workshop = open_workshop({"second_time": second_time})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    job = workshop.pipeline("p", stage="second_time", datum_tries=1)
    assert begun.wait(10)
    assert workshop.restart_datum("p", job, "/other") == 0
    assert workshop.restart_datum("p", job, "/a") == 1
    assert counts(workshop.wait("p", job)) == {"processed": 1}
    assert workshop.log("p", job) == ["datum restarted on request"]


def test_a_job_that_ends_changes_few_of_those_in_line(open_workshop: Open) -> None:
    gates = [CancelToken() for _ in range(20)]

    def wait(visit: Visit) -> dict[str, bytes]:
        visit.wait_for(gates[int(visit.files["/in/a"])])
        return copy(visit)

    workshop = open_workshop({"wait": wait})
    workshop.repo("in")
    workshop.put("in", {"/a": "0"})
    jobs = [workshop.pipeline("p", stage="wait", parallelism_spec={"constant": 3})]
    jobs += [workshop.put("in", {"/a": str(number)}) for number in range(1, len(gates))]
    for number in range(3, len(jobs)):
        workshop.until_reason("p", jobs[number], f"waiting for job {jobs[number - 3]}")
    with workshop.pfs.read() as tx:
        before = ledger.last(tx)
    gates[0].cancel()
    workshop.until("p", jobs[3], "RUNNING")
    with workshop.pfs.read() as tx:
        events = ledger.read(tx, before, 1000)
    changed = {event.key for event in events if event.kind in {"job-changed", "job-noted"}}
    assert len(changed) <= 3
    for gate in gates:
        gate.cancel()
    assert workshop.wait("p", jobs[-1]).state.name == "SUCCESS"


def test_no_look_is_taken_at_a_job_that_waits_for_what_it_is_known_to_wait_for(open_workshop: Open) -> None:
    gate = CancelToken()

    def slow(visit: Visit) -> dict[str, bytes]:
        visit.wait_for(gate)
        return copy(visit)

    workshop = open_workshop({"slow": slow})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.pipeline("p", stage="slow")
    twice = [{"pfs": {"repo": "p", "glob": "/*", "name": name}} for name in ("job", "again")]
    made = workshop.pipeline("q", {"cross": twice})
    info = workshop.until_reason("q", made, "waiting for", whole=False)
    with workshop.pfs.read() as tx:
        looked_at = {pipeline.name for pipeline, _ in jobs.lines(tx)}
    gate.cancel()
    assert (info.waits, looked_at) == (1, {"p"})
    assert workshop.wait("q", made).waits == 0


def test_where_a_thread_cannot_be_had_those_that_there_are_end_with_the_job(
    open_workshop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = CancelToken()
    start = threading.Thread.start

    def refuse_the_second(thread: threading.Thread) -> None:
        if thread.name.endswith("#1"):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_the_second)
    workshop = open_workshop({"slow": lambda visit: visit.wait_for(never) or {}})
    workshop.repo("in")
    workshop.put("in", {"/a": "1", "/b": "2"})
    info = workshop.wait("p", workshop.pipeline("p", stage="slow", parallelism_spec={"constant": 2}))
    left = [each for each in threading.enumerate() if each.name.endswith("#0")]
    never.cancel()  # or a failure of this test would never end
    assert (info.state.name, left) == ("FAILURE", [])
    assert "can't start new thread" in workshop.reports.pop()


def test_a_job_whose_thread_cannot_be_had_is_begun_later_and_holds_nothing_afterwards(
    open_workshop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, refused = threading.Thread.start, list[str]()

    def refuse_the_first(thread: threading.Thread) -> None:
        if thread.name.startswith("job ") and not refused:
            refused.append(thread.name)
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_the_first)
    workshop = open_workshop()
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    assert workshop.wait("p", workshop.pipeline("p")).state.name == "SUCCESS"
    for thread in threading.enumerate():
        if thread.name.startswith("job "):
            thread.join()
    assert not workshop.pfs.store.is_relied_upon
    assert (len(refused), len(workshop.reports)) == (1, 1)
    workshop.reports.clear()
