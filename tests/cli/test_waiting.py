"""What `wait` says while it waits: whatever holds it up, once each."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest

from calf.cli import wait_commit, waiting
from calf.client.connection import connect
from calf.model.errors import NotFound
from calf.wire.messages import pfs, pps

LONGEST = 10


def test_a_branch_of_a_repo_that_is_not_there_is_a_missing_repo(pachctl: Any) -> None:
    pachctl("create", "repo", "zoo")
    ended = pachctl("wait", "commit", "zo@master", code=4)
    assert 'hint: repo default/zo not found; did you mean "zoo"?' in ended.err
    assert [row[1] for row in pachctl("list", "repo", "--type", "all").rows] == ["zoo"]


def test_what_is_new_is_said_once(capfd: pytest.CaptureFixture[str]) -> None:
    answers = iter((["a is open"], ["a is open"], ["a is open", "b failed"]))
    ended = Event()

    def look() -> list[str]:
        answer = next(answers, None)
        if answer is None:
            ended.set()
            raise NotFound("gone")
        return answer

    with waiting.telling(look, every=0.001):
        assert ended.wait(LONGEST)
    assert capfd.readouterr().err == "waiting: a is open\nwaiting: b failed\n"


def test_a_short_wait_asks_nothing() -> None:
    with waiting.telling(lambda: pytest.fail("asked")):
        pass


@pytest.fixture
def chain(pachctl: Any, answer: Any) -> str:
    """An open commit, and one computed from it that a pipeline is to make; gives their ID."""
    pachctl("create", "repo", "in")
    answer(
        "pipeline: {name: copy}\ntransform: {image: host, cmd: [sh]}\ninput: {pfs: {repo: in, glob: /*}}\n"
    )
    pachctl("create", "pipeline")
    return str(pachctl("start", "commit", "in@master").out.strip())


def test_an_open_commit_is_named_with_what_finishes_it(chain: str, server_address: str) -> None:
    said = [f"commit in@{chain} is open, and no pipeline finishes it: `pachctl finish commit in@{chain}`"]
    with connect(server_address) as client:
        assert waiting.what_is_open(client, chain) == said
        assert waiting.what_is_open(client, chain, ("default", "copy", "user")) == said
        assert waiting.what_is_open(client, chain, ("default", "copy.spec", "spec")) == []


def test_what_a_set_was_made_from_is_told_of_by_its_own_jobs(
    pachctl: Any, answer: Any, server_address: str
) -> None:
    """A new pipeline's set holds the head of the one before, which has the ID of an earlier set."""
    pachctl("create", "repo", "in")
    answer("1")
    pachctl("put", "file", "in@master:/f")
    for name, before in (("a", "in"), ("b", "a")):
        stage = "transform: {image: host, cmd: [sleep, '60']}"
        answer(f"pipeline: {{name: {name}}}\n{stage}\ninput: {{pfs: {{repo: {before}, glob: /*}}}}\n")
        pachctl("create", "pipeline")
    first, second = (pachctl("list", "commit", f"{name}@master").rows[0][2] for name in "ab")
    assert first != second
    with connect(server_address) as client:
        looks = (waiting.what_is_open(client, second, ("default", "b", "user")) for _ in range(1000))
        assert [f"job a@{first} is running"] in looks
    commit = pachctl("inspect", "commit", "a@master").out
    assert f"Commit: a@{first}\n" in commit
    assert f"Made By Job: a@{first}\n" in commit


def test_an_output_that_has_no_job_yet_is_not_for_users_to_finish() -> None:
    output = pfs.CommitInfo(commit={"repo": {"name": "a"}, "id": "1"}, origin={"kind": pfs.AUTO})
    assert waiting.words(output, None) == "commit a@1 is open, and the job that makes it has not begun"


def test_a_job_is_named_with_its_reason() -> None:
    job = pps.Job(id="1", pipeline=pps.Pipeline(name="copy"))
    stuck = pps.JobInfo(job=job, state=pps.JOB_EGRESSING, reason="no such bucket; tried again in 30s")
    served = pps.JobInfo(job=job, state=pps.JOB_RUNNING, details={"service": {}})
    assert waiting.words(pfs.CommitInfo(), stuck) == (
        "job copy@1 is egressing: no such bucket; tried again in 30s"
    )
    assert "job copy@1 is a service, which goes on" in waiting.words(pfs.CommitInfo(), served)


def test_waiting_for_a_commit_tells_of_it(
    pachctl: Any, chain: str, server_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, told = wait_commit._look, Event()

    def and_finish(client: Any, target: Any) -> list[str]:
        lines = look(client, target)
        if not told.is_set():
            told.set()
            with connect(server_address) as other:
                other.pfs.FinishCommit(pfs.FinishCommitRequest(commit=target))
        return lines

    monkeypatch.setattr(wait_commit, "_look", and_finish)
    monkeypatch.setattr(wait_commit, "telling", lambda look: waiting.telling(look, every=0.001))
    assert "Commit: in@" in pachctl("wait", "commit", "in@master").out
    assert told.is_set()
