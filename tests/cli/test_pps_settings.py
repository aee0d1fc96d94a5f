"""Secrets, defaults, cron, status, tasks and the like, as typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SPEC = {
    "pipeline": {"name": "nightly"},
    "transform": {"image": "host", "cmd": ["sh"], "stdin": ["ls /pfs/tick > /pfs/out/ticks"]},
    "input": {"cron": {"name": "tick", "spec": "@never"}},
}
SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: door
type: Opaque
stringData:
  key: hidden
"""


def test_secrets_are_kept_and_never_shown(pachctl: Any, tmp_path: Path) -> None:
    path = tmp_path / "door.yaml"
    path.write_text(SECRET)
    pachctl("create", "secret", "-f", str(path))
    listed = pachctl("list", "secret").out
    assert listed.splitlines()[0] == "NAME\tTYPE\tCREATED"
    assert listed.splitlines()[1].startswith("door\tOpaque\t")
    shown = pachctl("inspect", "secret", "door").out
    assert shown.startswith("Name: door\nType: Opaque\nCreated: ")
    assert "hidden" not in listed + shown
    pachctl("delete", "secret", "door")
    assert pachctl("list", "secret").rows == []
    assert "door" in pachctl("inspect", "secret", "door", code=4).err
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert "holds no secret" in pachctl("create", "secret", "-f", str(tmp_path / "empty.yaml"), code=8).err


def test_cron_runs_when_told(pachctl: Any, answer: Any) -> None:
    answer(json.dumps(SPEC))
    pachctl("create", "pipeline")
    pachctl("run", "cron", "nightly")
    pachctl("wait", "commit", "nightly@master")
    assert pachctl("list", "job", "-p", "nightly").rows[0][6] == "1 + 0 / 1"
    assert pachctl("list", "pipeline").rows[0][3] == "tick:@never"
    pachctl("create", "repo", "in")
    plain = {**SPEC, "pipeline": {"name": "plain"}, "input": {"pfs": {"repo": "in", "glob": "/*"}}}
    answer(json.dumps(plain))
    pachctl("create", "pipeline")
    assert "pipeline doesn't have a cron input" in pachctl("run", "cron", "plain", code=6).err


def test_defaults_say_whom_they_concern(pachctl: Any, answer: Any) -> None:
    answer(json.dumps(SPEC))
    pachctl("create", "pipeline")
    answer("createPipelineRequest:\n  datumTries: 7\n")
    said = pachctl("create", "defaults", "--cluster", "--regenerate", "--dry-run").out
    assert said == "affected pipelines:\n\tdefault/nightly\n"
    assert pachctl("inspect", "defaults", "--cluster").out == "{}\n"
    answer('{"createPipelineRequest": {"datumTries": 7}}')
    pachctl("update", "defaults")
    assert json.loads(pachctl("inspect", "defaults").out)["createPipelineRequest"] == {"datumTries": 7}
    pachctl("delete", "defaults")
    assert pachctl("inspect", "defaults", "--project", "default").out == "{}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["update", "defaults", "--reprocess"], "--reprocess needs --regenerate"),
        (["inspect", "defaults", "--cluster", "--project", "p"], "give --cluster or --project, not both"),
        (["next", "datum"], "PPS_WORKER_GRPC_PORT is not set"),
        (["logs", "--tail", "5"], "tail has been deprecated and removed from Pachyderm, use --since instead"),
        (["list", "job", "edges"], "`list job -p edges` lists a pipeline's jobs"),
        (["list", "pipeline", "--history", "some"], "--history takes a number, all or none, not 'some'"),
    ],
)
def test_what_cannot_be_meant_is_refused(offline: Any, words: list[str], says: str) -> None:
    ended = offline(*words)
    assert (ended.code, says in ended.err) == (2, True), ended


def test_status_tells_what_is_wrong(pachctl: Any, answer: Any) -> None:
    answer(json.dumps({**SPEC, "transform": {"image": "no/such:1", "cmd": ["true"]}}))
    pachctl("create", "pipeline")
    said = pachctl("check", "status")
    assert said.out.splitlines()[0] == "PROJECT\tPIPELINE\tALERT"
    ((project, pipeline, alert),) = said.rows
    assert (project, pipeline) == ("default", "nightly")
    assert "no/such:1" in alert
    assert pachctl("check", "status", "-A").rows == said.rows
    assert pachctl("check", "status", "--project", "other").rows == []


def test_there_are_no_tasks(pachctl: Any) -> None:
    assert pachctl("list", "task").out == "ID\tNAMESPACE\tGROUP\tSTATE\tREASON\n"


def test_a_pipeline_runs_again_on_what_a_job_read(pachctl: Any, answer: Any) -> None:
    answer(json.dumps(SPEC))
    pachctl("create", "pipeline")
    pachctl("run", "cron", "nightly")
    pachctl("wait", "commit", "nightly@master")
    first = pachctl("list", "job", "-p", "nightly").rows[0][2]
    again = pachctl("run", "pipeline", "nightly", "--job", first).out.strip()
    pachctl("wait", "job", again)
    assert again != f"nightly@{first}"
    job = again.partition("@")[2]
    assert pachctl("diff", "file", f"nightly@{job}", f"nightly@{first}").rows == []
    assert pachctl("inspect", "commit", "nightly@master").out.count(first) >= 1
