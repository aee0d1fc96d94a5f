"""Spouts and services: stages that stand, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Semaphore
from typing import TypeVar

import pytest

from calf.db.tx import Tx
from calf.kit.cancel import CancelToken
from calf.model.errors import InvalidSpec
from calf.model.refs import Branch, CommitRef, Pipeline, Repo
from calf.pfs import commits
from calf.pps import pipelines
from calf.pps.jobs.catch_up import catch_up
from calf.pps.jobs.removed import forget_jobs_of
from tests.pps.stages import Visit
from tests.pps.workshop import Open, Workshop

T = TypeVar("T")


class Stands:
    """A stage that stands until it is told to go; remembers what each run of it saw."""

    def __init__(self) -> None:
        self.seen: list[dict[str, bytes]] = []
        self.runs = Semaphore(0)
        self._lock = Lock()

    def __call__(self, visit: Visit) -> dict[str, bytes]:
        with self._lock:
            self.seen.append(dict(visit.files))
        visit.say("standing")
        self.runs.release()
        visit.wait_for(CancelToken())
        return {}


def _wait(workshop: Workshop, ask: Callable[[Tx], T | None]) -> T:
    catch_up(workshop.pfs)
    return workshop.pfs.db.wait(ask, CancelToken())


def _state(workshop: Workshop, name: str) -> tuple[str, str]:
    with workshop.pfs.read() as tx:
        info = pipelines.inspect(tx, Pipeline("default", name))
    return info.state.name, info.reason


@pytest.fixture
def stands() -> Stands:
    return Stands()


def test_a_spout_begins_with_an_empty_commit_and_runs_without_jobs(
    open_workshop: Open, stands: Stands
) -> None:
    workshop = open_workshop({"stands": stands})
    set_id = workshop.pipeline("spout", {}, "stands", spout={}, input=None)
    head = CommitRef(Repo("default", "spout"), "master")
    first = _wait(workshop, lambda tx: it if (it := commits.inspect(tx, head)).finished else None)
    assert (first.commit.id, first.error, [it.repo.type for it in first.direct_provenance]) == (
        set_id,
        "",
        ["spec"],
    )
    assert stands.runs.acquire(timeout=10)
    assert workshop.jobs("spout") == []
    assert [line.message for line in workshop.logs.read(("default", "spout", "spout"))] == ["standing"]


def test_a_spout_that_ends_is_started_again_and_says_why(open_workshop: Open) -> None:
    workshop = open_workshop()
    workshop.pipeline("spout", {}, "fail", spout={}, input=None)

    def twice(tx: Tx) -> bool | None:
        reason = pipelines.inspect(tx, Pipeline("default", "spout")).reason
        return reason.startswith("the stage ended with exit code 1; tried again in") or None

    _wait(workshop, twice)


def test_a_spout_or_service_that_does_not_stand_crashes_until_it_does(
    open_workshop: Open, stands: Stands
) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.runner.refusal = "port 80 of this machine cannot be had: Address already in use"
    workshop.pipeline("spout", {}, "stands", spout={}, input=None)
    job = workshop.pipeline("web", "in:/", "stands", service={"internal_port": 80})

    def are(tx: Tx, state: str) -> list[str] | None:
        infos = [pipelines.inspect(tx, Pipeline("default", name)) for name in ("spout", "web")]
        return [it.reason for it in infos] if all(it.state.name == state for it in infos) else None

    for reason in _wait(workshop, lambda tx: are(tx, "CRASHING")):
        assert reason.startswith(f"{workshop.runner.refusal}; tried again in ")
    workshop.runner.refusal = ""
    assert _wait(workshop, lambda tx: are(tx, "RUNNING")) == ["", ""]
    workshop.until_reason("web", job, "serving at 127.0.0.1:80")


def test_a_service_that_never_stood_is_no_success_when_newer_data_comes(open_workshop: Open) -> None:
    workshop = open_workshop()
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.runner.refusal = "port 80 is taken"
    job = workshop.pipeline("web", "in:/", service={"internal_port": 80})
    workshop.until_reason("web", job, "port 80 is taken; tried again in", whole=False)
    workshop.put("in", {"/a": "2"})
    info = workshop.wait("web", job)
    told = "a newer commit took its place before its stage stood (port 80 is taken)"
    assert (info.state.name, info.reason, info.counts.processed) == ("KILLED", told, 0)
    workshop.scheduler.stop()
    assert workshop.fsck() == []


def test_a_service_cannot_have_the_port_of_the_server(open_workshop: Open) -> None:
    workshop = open_workshop(port=30650)
    workshop.repo("in")
    with pytest.raises(InvalidSpec, match="port 30650 is that of this server") as caught:
        workshop.pipeline("web", "in:/", service={"internal_port": 80, "external_port": 30650})
    assert caught.value.field == "service.external_port"


def test_a_spout_that_is_stopped_and_started_at_once_runs_again(open_workshop: Open, stands: Stands) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.pipeline("spout", {}, "stands", spout={}, input=None)
    assert stands.runs.acquire(timeout=10)
    for _ in range(5):
        workshop.pause("spout")
        workshop.resume("spout")
    workshop.pause("spout")
    assert _state(workshop, "spout")[0] == "PAUSED"
    while stands.runs.acquire(blocking=False):
        pass
    workshop.resume("spout")
    assert stands.runs.acquire(timeout=10)


def test_a_stop_that_is_over_before_the_scheduler_looks_starts_a_spout_anew(
    open_workshop: Open, stands: Stands
) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.pipeline("spout", {}, "stands", spout={}, input=None)
    assert stands.runs.acquire(timeout=10)
    spout = Pipeline("default", "spout")
    with workshop.pfs.transaction() as txn:
        pipelines.stop(txn, spout)
        pipelines.start(workshop.pps, txn, spout)
    assert stands.runs.acquire(timeout=10)
    assert _state(workshop, "spout")[0] == "RUNNING"


def test_only_the_spout_itself_may_commit_to_its_output(open_workshop: Open, stands: Stands) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.pipeline("spout", {}, "stands", spout={}, input=None)
    assert stands.runs.acquire(timeout=10)
    branch = CommitRef(Repo("default", "spout"), "master")
    with workshop.pfs.read() as tx:
        spec = commits.inspect(tx, branch).direct_provenance
    with workshop.pfs.transaction() as txn:
        commit = commits.start(
            txn, Branch(Repo("default", "spout"), "master"), spout=Repo("default", "spout")
        )
        commits.finish(txn, commit)
    with workshop.pfs.read() as tx:
        assert commits.inspect(tx, commit).direct_provenance == spec


def test_a_service_serves_until_newer_data_comes(open_workshop: Open, stands: Stands) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.repo("in")
    first = workshop.put("in", {"/a": "1"})
    job = workshop.pipeline("web", "in:/", "stands", service={"internal_port": 80, "external_port": 8080})
    workshop.until_reason("web", job, "serving at 127.0.0.1:8080")
    second = workshop.put("in", {"/a": "2"})
    assert workshop.wait("web", job).state.name == "SUCCESS"
    workshop.until_reason("web", second, "serving at 127.0.0.1:8080")
    assert stands.runs.acquire(timeout=10)
    assert stands.runs.acquire(timeout=10)
    assert [files["/in/a"] for files in stands.seen] == [b"1", b"2"]
    assert first != second
    workshop.pause("web")
    assert workshop.wait("web", second).state.name == "KILLED"


def test_a_service_says_that_nothing_listens_at_its_port_and_when_something_does(
    open_workshop: Open, stands: Stands
) -> None:
    called, told = CancelToken(), CancelToken()

    def starts_late(visit: Visit) -> dict[str, bytes]:
        visit.wait_for(called)
        visit.note("nothing listens on port 80 of the stage yet")
        visit.wait_for(told)
        visit.note("something listens on port 80 of the stage now")
        return stands(visit)

    workshop = open_workshop({"late": starts_late})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    job = workshop.pipeline("web", "in:/", "late", service={"internal_port": 80})
    up = "serving at 127.0.0.1:80"
    workshop.until_reason("web", job, up)
    called.cancel()
    workshop.until_reason("web", job, f"{up}, but nothing listens on port 80 of the stage yet")
    told.cancel()
    workshop.until_reason("web", job, up)


def test_a_service_whose_data_are_deleted_serves_what_was_before(open_workshop: Open, stands: Stands) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.pipeline("web", "in:/", "stands", service={"internal_port": 80})
    assert stands.runs.acquire(timeout=10)
    second = workshop.put("in", {"/a": "2"})
    workshop.until_reason("web", second, "serving at 127.0.0.1:80")
    assert stands.runs.acquire(timeout=10)
    with workshop.pfs.transaction() as txn:
        forget_jobs_of(txn, commits.drop_set(txn, second))
        again = txn.set_id
    workshop.until_reason("web", again, "serving at 127.0.0.1:80")
    assert [files["/in/a"] for files in stands.seen] == [b"1", b"2", b"1"]


def test_a_service_goes_on_with_what_it_has_when_newer_data_cannot_be_had(
    open_workshop: Open, stands: Stands
) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    good = workshop.pipeline("web", "in:/", "stands", service={"internal_port": 80})
    workshop.until_reason("web", good, "serving at 127.0.0.1:80")
    bad = workshop.put("in", {"/a": "2"}, error="the stage that writes it failed")
    assert workshop.wait("web", bad).state.name == "UNRUNNABLE"
    workshop.until_reason("web", good, "serving at 127.0.0.1:80")
    assert len(stands.seen) == 1


def test_a_service_with_several_datums_fails(open_workshop: Open, stands: Stands) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.repo("in")
    workshop.put("in", {"/a": "1", "/b": "2"})
    job = workshop.pipeline("web", "in:/*", "stands", service={"internal_port": 80})
    info = workshop.wait("web", job)
    assert (info.state.name, info.reason) == ("FAILURE", "services must have a single datum")


def test_a_spout_that_is_made_anew_in_one_breath_runs_its_new_code(
    open_workshop: Open, stands: Stands
) -> None:
    other = Stands()
    workshop = open_workshop({"stands": stands, "other": other})
    workshop.pipeline("spout", {}, "stands", spout={}, input=None)
    assert stands.runs.acquire(timeout=10)
    with workshop.pfs.transaction() as txn:
        pipelines.delete(txn, Pipeline("default", "spout"))
        workshop.pipeline("spout", {}, "other", spout={}, input=None)
    assert other.runs.acquire(timeout=10)


def test_two_services_cannot_have_one_port_unless_one_is_stopped(open_workshop: Open, stands: Stands) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.repo("in")
    at_80, at_8080 = {"internal_port": 80}, {"internal_port": 8000, "external_port": 80}
    workshop.pipeline("web", "in:/", "stands", service=at_80)
    workshop.pipeline("web", "in:/", "stands", service=at_80, update=True)
    for field, more in (
        ("service.external_port", {"reads": "in:/", "service": at_8080}),
        ("spout.service.external_port", {"reads": {}, "input": None, "spout": {"service": at_80}}),
    ):
        with pytest.raises(InvalidSpec, match="port 80 is that of pipeline default/web") as caught:
            workshop.pipeline("more", stage="stands", **more)
        assert caught.value.field == field
    workshop.pause("web")
    workshop.pipeline("more", "in:/", "stands", service=at_8080)


def test_a_service_that_several_commits_overtook_at_once_ends_them_all(
    open_workshop: Open, stands: Stands
) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    jobs = [workshop.pipeline("web", "in:/", "stands", service={"internal_port": 80})]
    workshop.until_reason("web", jobs[0], "serving at 127.0.0.1:80")
    with workshop.pfs.db.write():  # the scheduler sees them all at once
        jobs += [workshop.put("in", {"/a": str(number)}) for number in range(3)]
    workshop.until_reason("web", jobs[-1], "serving at 127.0.0.1:80")
    found = [workshop.wait("web", job).state.name for job in jobs[:-1]]
    assert found == ["SUCCESS", "KILLED", "KILLED"]  # the first stood
    assert workshop.fsck() == []
    assert workshop.reports == []


def test_a_service_that_ends_is_started_again_and_says_why(open_workshop: Open) -> None:
    workshop = open_workshop()
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    job = workshop.pipeline("web", "in:/", "fail", service={"internal_port": 80})
    info = workshop.until_reason("web", job, "the stage ended with exit code 1; tried again in", whole=False)
    assert info.state.name == "RUNNING"
    lines = [line.message for line in workshop.logs.read(("default", "web", job)) if not line.user]
    assert any("the stage ended with exit code 1" in line for line in lines)


def test_a_service_that_is_stopped_and_started_or_updated_at_once_stands_again(
    open_workshop: Open, stands: Stands
) -> None:
    workshop = open_workshop({"stands": stands})
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    jobs = [workshop.pipeline("web", "in:/", "stands", service={"internal_port": 80})]
    workshop.until_reason("web", jobs[0], "serving at 127.0.0.1:80")
    with workshop.pfs.db.write():  # the scheduler sees the end only
        workshop.pause("web")
        jobs.append(workshop.resume("web"))
    workshop.until_reason("web", jobs[-1], "serving at 127.0.0.1:80")
    jobs.append(workshop.pipeline("web", "in:/", "stands", service={"internal_port": 81}, update=True))
    workshop.until_reason("web", jobs[-1], "serving at 127.0.0.1:81")
    assert [workshop.wait("web", job).state.name for job in jobs[:-1]] == ["KILLED"] * 2
    for _ in range(3):
        assert stands.runs.acquire(timeout=10)
    assert workshop.runner.most_at_once == 1
