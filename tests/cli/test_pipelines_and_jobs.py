from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SPEC = """\
pipeline:
  name: copy
description: copies
transform:
  image: host
  cmd: [sh]
  stdin:
    - echo seen $(ls /pfs/in)
    - if [ -e /pfs/in/bad ]; then exit 1; fi
    - cp /pfs/in/* /pfs/out/
datum_tries: 1
input:
  pfs:
    repo: in
    glob: /*
"""


@pytest.fixture
def spec(pachctl: Any, answer: Any, tmp_path: Path) -> Path:
    pachctl("create", "repo", "in")
    answer("1")
    pachctl("put", "file", "in@master:/a")
    path = tmp_path / "copy.yaml"
    path.write_text(SPEC)
    return path


def job_of(pachctl: Any, code: int = 0) -> str:
    """The id of the newest job, ended."""
    job = str(pachctl("list", "job", "-p", "copy").rows[0][2])
    pachctl("wait", "job", f"copy@{job}", code=code)
    return job


def test_a_pipeline_from_spec_to_output(pachctl: Any, spec: Path) -> None:
    dry = json.loads(pachctl("create", "pipeline", "-f", str(spec), "--dry-run").out)
    assert dry["datumTries"] == "1"
    assert pachctl("list", "pipeline").rows == []
    pachctl("create", "pipeline", "-f", str(spec))
    assert (
        'pipeline "default/copy" already exists' in pachctl("create", "pipeline", "-f", str(spec), code=5).err
    )
    job = job_of(pachctl)
    ((project, name, version, source, _, state, _, description),) = pachctl("list", "pipeline").rows
    assert (project, name, version, source, description) == (
        "default",
        "copy",
        "1",
        "default/in:/*",
        "copies",
    )
    assert state.endswith("/ success")
    ((_, _, listed, _, _, restarts, progress, _, _, ended),) = pachctl("list", "job", "-p", "copy").rows
    assert (listed, restarts, progress, ended) == (job, "0", "1 + 0 / 1", "success")
    assert pachctl("list", "job").rows[0][:3] == [job, "1", "▇" * 8]
    assert pachctl("list", "job", job).rows[0][1] == "copy"
    shown = pachctl("inspect", "job", f"copy@{job}").out
    assert "State: success\n" in shown
    assert "Isolation: " in shown
    assert "Limits: processes " in " ".join(shown.split())
    made = pachctl("inspect", "commit", f"copy@{job}").out
    assert f"Made By Job: copy@{job}\nPipeline Version: 1\nImage: " in made
    assert "Made By Job" not in pachctl("inspect", "commit", "in@master").out
    assert 'Use "list job <id>"' in pachctl("inspect", "job", job, code=2).err
    assert pachctl("logs", "-p", "copy").out == "seen a\n"
    assert pachctl("logs", "-j", f"copy@{job}").out == "seen a\n"
    ((datum, files, status, _),) = pachctl("list", "datum", f"copy@{job}").rows
    assert (files.endswith(":/a"), status) == (True, "success")
    assert f"ID: {datum}\nJob ID: {job}\n" in pachctl("inspect", "datum", f"copy@{job}", datum).out
    ((_, planned, _, _),) = pachctl("list", "datum", "-f", str(spec)).rows
    assert planned == files
    assert pachctl("get", "file", "copy@master:/a").out == "1"
    assert [row[1] for row in pachctl("list", "commit", job).rows] == ["copy.spec", "in", "copy", "copy.meta"]
    assert "User Spec:\n{" in pachctl("inspect", "pipeline", "copy").out


def test_a_failed_job_says_why_and_exits_with_twenty(pachctl: Any, spec: Path, answer: Any) -> None:
    answer("2")
    pachctl("put", "file", "in@master:/bad")
    pachctl("create", "pipeline", "-f", str(spec))
    job = job_of(pachctl, code=20)
    assert pachctl("wait", "job", job, code=20).rows[0][-1].startswith("failure: datum ")
    assert "Error: datum " in pachctl("wait", "commit", f"copy@{job}", code=6).out
    assert len(pachctl("wait", "commit", job, code=6).rows) == 4
    assert [row[-1][:8] for row in pachctl("list", "job", "-p", "copy", "--state", "failure").rows] == [
        "failure:"
    ]
    assert pachctl("list", "job", "-p", "copy", "--state", "success").rows == []
    assert "there is no state 'sucess'" in pachctl("list", "job", "--state", "sucess", code=2).err
    failed = [row for row in pachctl("list", "datum", f"copy@{job}").rows if row[2] == "failed"]
    assert "Reason: " in pachctl("inspect", "datum", f"copy@{job}", failed[0][0]).out
    assert "errored running user code" in pachctl("logs", "-j", f"copy@{job}", "--worker").out
    ended = pachctl("restart", "datum", f"copy@{job}", "/bad", code=6)
    assert "could not be found for job ID" in ended.err


def test_update_stop_start_rerun_and_delete(pachctl: Any, spec: Path, answer: Any) -> None:
    pachctl("create", "pipeline", "-f", str(spec))
    job_of(pachctl)
    spec.write_text(SPEC.replace("description: copies", "description: copies well"))
    pachctl("update", "pipeline", "-f", str(spec))
    job_of(pachctl)
    assert [row[2] for row in pachctl("list", "pipeline", "--history", "all").rows] == ["2", "1"]
    spec.write_text(SPEC.replace("image: host", "image: no/such"))
    pachctl("update", "pipeline", "-f", str(spec))
    states = [row[5] for row in pachctl("list", "pipeline", "--history", "all").rows]
    assert [state.partition(" / ")[0] for state in states] == ["crashing", "running", "running"]
    assert states[1:] == ["running / success"] * 2
    spec.write_text(SPEC.replace("description: copies", "description: copies well"))
    pachctl("update", "pipeline", "-f", str(spec))
    assert "Version: 1\n" in pachctl("inspect", "pipeline", "copy.1").out
    assert "copies well" in pachctl("list", "pipeline", "-s").out
    pachctl("stop", "pipeline", "copy")
    assert pachctl("list", "pipeline", "--state", "paused").rows[0][1] == "copy"
    pachctl("start", "pipeline", "copy")
    pachctl("rerun", "pipeline", "copy", "--reprocess")
    job = job_of(pachctl)
    assert pachctl("list", "job", "-p", "copy").rows[0][6] == "1 + 0 / 1"
    pachctl("stop", "job", job)
    pachctl("delete", "job", f"copy@{job}")
    answer("y\n")
    pachctl("delete", "pipeline", "copy")
    assert pachctl("list", "pipeline").rows == []
    assert "not found" in pachctl("delete", "pipeline", "-f", "copy", code=4).err


def test_a_spec_that_the_server_refuses_names_its_place(pachctl: Any, tmp_path: Path) -> None:
    path = tmp_path / "copy.yaml"
    path.write_text(SPEC)
    ended = pachctl("create", "pipeline", "-f", str(path), code=4)
    assert "repo default/in not found" in ended.err


def test_editing_changes_only_what_changed(
    pachctl: Any, spec: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    pachctl("create", "pipeline", "-f", str(spec))
    unchanged = pachctl("edit", "pipeline", "copy", "--editor", "true")
    assert unchanged.out == "Pipeline unchanged, no update will be performed.\n"
    pachctl("edit", "pipeline", "copy", "--editor", "sed -i s/copies/mirrors/", "-o", "yaml")
    assert pachctl("list", "pipeline").rows[0][2] == "2"
    assert pachctl("list", "pipeline").rows[0][-1] == "mirrors"
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    wrong = pachctl("edit", "pipeline", "copy", "--editor", "sed -i s/transform/tranfsorm/", code=8)
    kept = Path(wrong.err.rpartition("what you wrote is kept in ")[2].strip())
    assert (kept.parent, "tranfsorm" in kept.read_text()) == (tmp_path, True)
