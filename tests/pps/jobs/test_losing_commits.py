"""Jobs whose commits, inputs or base are taken away, by force, while they stand or run: each ends, and the
scheduler goes on with the others."""

from __future__ import annotations

from threading import Event

import pytest

from calf.db import commits as commit_rows
from calf.kit.cancel import CancelToken
from calf.model.errors import NotFound
from calf.model.refs import Branch, CommitRef, Pipeline, Repo
from calf.pfs import branches, commits, repos
from calf.pps import pipelines
from tests.pps.stages import Stage, Visit, copy
from tests.pps.workshop import Open, Workshop, counts


def gated(gate: CancelToken) -> dict[str, Stage]:
    def wait(visit: Visit) -> dict[str, bytes]:
        visit.wait_for(gate)
        return copy(visit)

    return {"wait": wait}


def delete_repo(workshop: Workshop, name: str) -> None:
    plain, _, type_ = name.partition(".")
    with workshop.pfs.transaction() as txn:
        repos.delete(txn, Repo("default", plain, type_ or "user"), force=True)


def open_commits(workshop: Workshop) -> list[str]:
    with workshop.pfs.read() as tx:
        return [str(row.commit) for row in commit_rows.select(tx, "WHERE c.finished = 0")]


@pytest.fixture
def running(open_workshop: Open) -> tuple[Workshop, str]:
    """A pipeline `p` whose job works and never ends by itself, and the job's id."""
    workshop = open_workshop(gated(CancelToken()))
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    made = workshop.pipeline("p", stage="wait")
    workshop.until("p", made, "RUNNING")
    return workshop, made


def test_a_pipeline_whose_repo_is_deleted_says_so_and_others_go_on(running: tuple[Workshop, str]) -> None:
    workshop, made = running
    delete_repo(workshop, "p")
    assert workshop.wait("q", workshop.pipeline("q")).state.name == "SUCCESS"
    with pytest.raises(NotFound):
        workshop.wait("p", made)
    with workshop.pfs.read() as tx:
        info = pipelines.inspect(tx, Pipeline("default", "p"))
    assert info.state.name == "FAILURE"
    assert info.reason.startswith("its repo default/p was deleted")


def test_a_pipeline_whose_repo_is_deleted_begins_anew_with_its_next_version(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", workshop.pipeline("p"))
    delete_repo(workshop, "p")
    info = workshop.wait("p", workshop.pipeline("p", update=True))
    assert (info.state.name, info.pipeline_version, counts(info)) == ("SUCCESS", 2, {"processed": 1})
    assert workshop.files("p") == {"/a": "1"}


@pytest.mark.parametrize(("repo", "end"), [("p.meta", "KILLED"), ("p.spec", "SUCCESS")])
def test_a_pipeline_without_a_system_repo_leaves_nothing_open(
    open_workshop: Open, repo: str, end: str
) -> None:
    gate = CancelToken()
    workshop = open_workshop(gated(gate))
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    workshop.until("p", made := workshop.pipeline("p", stage="wait"), "RUNNING")
    delete_repo(workshop, repo)
    workshop.put("in", {"/b": "2"})
    gate.cancel()
    assert workshop.wait("p", made).state.name == end
    assert workshop.wait("q", workshop.pipeline("q")).state.name == "SUCCESS"
    assert open_commits(workshop) == []


@pytest.mark.parametrize("repo", ["p", "p.meta"])
def test_an_output_branch_that_is_deleted_leaves_nothing_open(workshop: Workshop, repo: str) -> None:
    workshop.wait("p", workshop.pipeline("p"))
    plain, _, type_ = repo.partition(".")
    with workshop.pfs.transaction() as txn:
        branches.delete(txn, Branch(Repo("default", plain, type_ or "user"), "master"), force=True)
    workshop.put("in", {"/b": "2"})
    assert workshop.wait("q", workshop.pipeline("q")).state.name == "SUCCESS"
    assert open_commits(workshop) == []


def test_a_deleted_input_does_not_keep_a_job_from_ending(open_workshop: Open) -> None:
    gate = CancelToken()
    workshop = open_workshop(gated(gate))
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    made = workshop.pipeline("p", stage="wait")
    workshop.until("p", made, "RUNNING")
    waits = workshop.put("in", {"/b": "2"})
    assert workshop.until_reason("p", waits, f"waiting for job {made}").state.name == "CREATED"
    delete_repo(workshop, "in")
    gate.cancel()
    workshop.wait("p", made)
    info = workshop.wait("p", waits)
    assert (info.state.name, info.reason) == ("FAILURE", 'branch "master" not found in repo default/in')


def test_a_deleted_input_leaves_finished_jobs_as_they_are(workshop: Workshop) -> None:
    workshop.put("in", {"/a": "1"})
    workshop.wait("p", workshop.pipeline("p"))
    delete_repo(workshop, "in")
    assert workshop.fsck() == []
    assert workshop.states("p") == ["SUCCESS"]


@pytest.mark.parametrize("repo", ["p", "p.meta"])
def test_a_commit_finished_by_force_ends_its_job_and_is_no_base(open_workshop: Open, repo: str) -> None:
    gate = CancelToken()
    workshop = open_workshop(gated(gate))
    workshop.repo("in")
    workshop.put("in", {"/a": "1"})
    made = workshop.pipeline("p", stage="wait", parallelism_spec={"constant": 2})
    workshop.until("p", made, "RUNNING")
    plain, _, type_ = repo.partition(".")
    with workshop.pfs.transaction() as txn:
        commits.finish_by_force(txn, CommitRef(Repo("default", plain, type_ or "user"), made))
    ended = workshop.wait("p", made)
    assert (ended.state.name, ended.reason) == ("KILLED", "finished by force before its job was done")
    gate.cancel()
    assert counts(workshop.wait("p", workshop.put("in"))) == {"processed": 1}


def test_a_base_that_is_deleted_meanwhile_leaves_nothing_behind(open_workshop: Open) -> None:
    """What a job builds on may be deleted until the moment at which it is done."""
    gate, begun = CancelToken(), Event()

    def new_waits(visit: Visit) -> dict[str, bytes]:
        if visit.env["in"] == "/pfs/in/new":
            begun.set()
            visit.wait_for(gate)
        return copy(visit)

    workshop = open_workshop({"new_waits": new_waits})
    workshop.repo("in")
    workshop.put("in", {"/kept": "1", "/gone": "2"})
    workshop.wait("p", base := workshop.pipeline("p", stage="new_waits"))
    job_id = workshop.put("in", {"/new": "3"}, delete=["/gone"])
    assert begun.wait(20)
    workshop.delete_job("p", base)
    gate.cancel()
    assert workshop.wait("p", job_id).state.name == "SUCCESS"
    assert workshop.files("p") == {"/kept": "1", "/new": "3"}


def test_a_commit_beside_the_output_branch_makes_no_job(workshop: Workshop) -> None:
    """F5.67."""
    workshop.wait("p", workshop.pipeline("p"))
    workshop.wait("q", workshop.pipeline("q", "p:/*"))
    before = [len(workshop.jobs(name)) for name in ("p", "q")]
    with workshop.pfs.transaction() as txn:
        beside = commits.start(txn, Branch(Repo("default", "p"), "notes"))
        commits.finish(txn, beside)
    assert [len(workshop.jobs(name)) for name in ("p", "q")] == before
    assert workshop.wait_set(beside.id) == []
