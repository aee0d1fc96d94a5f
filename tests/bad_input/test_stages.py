"""Stages that misbehave: the job says why and what to look at, what was good stays, and work goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SPEC = {
    "pipeline": {"name": "copy"},
    "transform": {"image": "host", "cmd": ["sh"]},
    "input": {"pfs": {"repo": "data", "glob": "/*"}},
    "datum_tries": 1,
}


class Stage:
    """A pipeline that copies, and misbehaves for the file `/bad`."""

    def __init__(self, pachctl: Any, folder: Path, answer: Callable[[str], None]) -> None:
        self._pachctl = pachctl
        self._path = folder / "copy.json"
        self._answer = answer

    def create(self, misdeed: str, **fields: object) -> None:
        """Create it, with more fields in its spec; its job on the good data succeeds."""
        script = f"if [ -e /pfs/data/bad ]; then {misdeed}; else cp /pfs/data/* /pfs/out/; fi"
        transform = {"image": "host", "cmd": ["sh"], "stdin": [script]}
        self._path.write_text(json.dumps({**SPEC, "transform": transform, **fields}))
        self._pachctl("create", "pipeline", "-f", str(self._path))
        self.wait()

    def wait(self, code: int = 0) -> str:
        """Wait for the newest job; gives what that shows."""
        return str(self._pachctl("wait", "job", f"copy@{self.job}", code=code).out)

    @property
    def job(self) -> str:
        """The id of the newest job."""
        return str(self._pachctl("list", "job", "-p", "copy").rows[0][2])

    def meet_bad(self) -> str:
        """Put `/bad`; gives what waiting for the failed job shows."""
        self._answer("bad\n")
        self._pachctl("put", "file", "data@master:/bad")
        return self.wait(code=20)

    def recover(self) -> None:
        """Take `/bad` away: the next job builds on what was good, and has nothing to do."""
        self._pachctl("delete", "file", "data@master:/bad")
        assert "Processed: 0\nFailed: 0\nSkipped: 1\n" in self.wait()
        assert self._pachctl("get", "file", "copy@master:/old").out == "old\n"


@pytest.fixture
def stage(engine: Any, tmp_path: Path, answer: Callable[[str], None]) -> Stage:
    return Stage(engine, tmp_path, answer)


@pytest.mark.parametrize(
    ("misdeed", "reason"),
    [
        ("echo it is bad; exit 1", "exit code 1"),
        ("sleep 60", "timed out after 500ms"),
        (
            "ln -s /etc/passwd /pfs/out/passwd",
            "link /pfs/out/passwd leads to /etc/passwd, outside of this datum; copy what it should hold",
        ),
    ],
    ids=["exits 1", "hangs", "links to /etc/passwd"],
)
def test_a_stage_that_misbehaves_fails_its_job_with_the_reason(
    engine: Any, stage: Stage, misdeed: str, reason: str
) -> None:
    stage.create(misdeed, datum_timeout="0.5s")
    good = stage.job
    shown = stage.meet_bad()
    datum = engine("list", "datum", f"copy@{stage.job}").rows
    (failed,) = [row for row in datum if row[2] == "failed"]
    assert f"State: failure\nReason: datum {failed[0]} failed\n" in shown
    assert f"Failed Datum: {failed[0]} ({failed[1]}): {reason}\n" in shown
    assert f"Hint: `pachctl logs -j copy@{stage.job} --worker` shows what its datums printed" in shown
    logged = engine("logs", "-j", f"copy@{stage.job}", "--worker").out
    assert f": {reason}\n" in logged
    assert f"Reason: {reason}\n" in engine("inspect", "datum", f"copy@{stage.job}", failed[0]).out
    assert f"Error: datum {failed[0]} failed\n" in engine("inspect", "commit", "copy@master").out
    assert engine("get", "file", f"copy@{good}:/old").out == "old\n"
    stage.recover()


def test_two_datums_that_write_one_path_fail_their_job_and_both_are_named(engine: Any, stage: Stage) -> None:
    stage.create("cp /pfs/data/bad /pfs/out/old")
    shown = stage.meet_bad()
    assert "Reason: duplicate path output by different datums (/old from " in shown
    logged = engine("logs", "-j", f"copy@{stage.job}", "--worker").out
    assert logged.endswith(": a path may be written by one datum only, so name outputs after inputs\n")
    assert all(row[0] in shown for row in engine("list", "datum", f"copy@{stage.job}").rows)
    stage.recover()


def test_a_stage_that_fills_memory_is_ended_at_its_limit(engine: Any, stage: Stage) -> None:
    stage.create("head -c 300M /dev/zero | tail", resource_limits={"memory": "64Mi"})
    if "holds for each process alone" in engine("logs", "-p", "copy", "--worker").out:
        pytest.skip("this machine does not let us make memory control groups")
    assert ": killed: memory limit 64MiB\n" in stage.meet_bad()
    stage.recover()


def test_a_stage_that_prints_nothing_sends_its_user_to_the_engines_lines(engine: Any, stage: Stage) -> None:
    stage.create("exit 1")
    stage.meet_bad()
    ended = engine("logs", "-j", f"copy@{stage.job}")
    assert (ended.out, ended.err) == (
        "",
        "hint: stages printed nothing; --worker shows what the engine says of them\n",
    )


def test_what_reads_a_failed_output_says_whom_to_ask(engine: Any, stage: Stage, tmp_path: Path) -> None:
    stage.create("exit 1")
    below = {**SPEC, "pipeline": {"name": "below"}, "input": {"pfs": {"repo": "copy", "glob": "/"}}}
    (tmp_path / "below.json").write_text(
        json.dumps({**below, "transform": {"image": "host", "cmd": ["true"]}})
    )
    engine("create", "pipeline", "-f", str(tmp_path / "below.json"))
    stage.meet_bad()
    ended = engine("wait", "job", stage.job, code=20)
    assert ended.err == f"hint: `pachctl inspect job copy@{stage.job}` says why\n"
    shown = engine("inspect", "job", f"below@{stage.job}").out
    assert "Reason: unrunnable because the following upstream pipelines failed: copy\n" in shown
    assert f"Hint: `pachctl list job {stage.job}` shows which job failed first\n" in shown
    stage.recover()


def test_an_empty_commit_is_a_commit_like_any_other(engine: Any, stage: Stage) -> None:
    stage.create("exit 1")
    engine("start", "commit", "data@master")
    engine("finish", "commit", "data@master")
    assert "Processed: 0\nFailed: 0\nSkipped: 1\n" in stage.wait()
    assert engine("get", "file", "copy@master:/old").out == "old\n"
    engine("delete", "file", "-r", "data@master:/")
    assert "State: success\nReason: there were no datums to process\n" in stage.wait()
    assert engine("list", "file", "copy@master").rows == []
