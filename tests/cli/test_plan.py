"""`pachctl plan` and `update pipeline`: what would run, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SPEC = """\
pipeline:
  name: copy
transform:
  image: host
  cmd: [sh]
  stdin: [cp /pfs/in/* /pfs/out/]
  env:
    LEVEL: "1"
input:
  pfs:
    repo: in
    glob: /*
"""


@pytest.fixture
def spec(pachctl: Any, answer: Any, tmp_path: Path) -> Path:
    """A pipeline that ran on /a and /b."""
    pachctl("create", "repo", "in")
    for name in ("a", "b"):
        answer(name)
        pachctl("put", "file", f"in@master:/{name}")
    path = tmp_path / "copy.yaml"
    path.write_text(SPEC)
    pachctl("create", "pipeline", "-f", str(path))
    pachctl("wait", "commit", "copy@master")
    return path


def test_nothing_runs_where_nothing_changed(pachctl: Any, spec: Path) -> None:
    said = pachctl("plan", "copy").out
    assert "0 of 2 datums would run, 2 skipped" in said
    assert said.count("\n") == 1
    rows = pachctl("plan", "copy", "--all").out.splitlines()[2:]
    assert rows[0] == "DATUM\tFILES\tACTION\tWHY"
    assert [row.split("\t")[2:] for row in rows[1:]] == [["skip", "-"], ["skip", "-"]]


def test_changed_and_new_inputs_are_named(pachctl: Any, spec: Path, answer: Any) -> None:
    pachctl("stop", "pipeline", "copy")
    for name in ("a", "c"):
        answer("changed")
        pachctl("put", "file", f"in@master:/{name}")
    pachctl("delete", "file", "in@master:/b")
    first, *why = pachctl("plan", "copy").out.splitlines()
    assert first.endswith("2 of 2 datums would run, 0 skipped, the output of 1 removed")
    assert {line.strip() for line in why[:2]} == {"1 datum: inputs changed", "1 datum: new"}
    assert {tuple(row.split("\t")[2:]) for row in why[5:]} == {("run", "/pfs/in/a changed"), ("run", "new")}
    older = pachctl("plan", "copy", "-c", "in@master~3")
    assert "0 of 2 datums would run" in older.out
    assert (
        "2 datums: all to be reprocessed" in pachctl("plan", "copy", "--reprocess", "-c", "in@master~3").out
    )


def test_an_update_says_what_it_makes_run_again(pachctl: Any, spec: Path) -> None:
    same = pachctl("update", "pipeline", "-f", str(spec), "--dry-run")
    assert same.out == "Pipeline unchanged, no update will be performed.\n"
    spec.write_text(SPEC.replace('"1"', '"2"'))
    planned = pachctl("plan", "-f", str(spec)).out
    assert "default/copy, version 2" in planned
    assert "2 of 2 datums would run" in planned
    assert "2 datums: env changed: LEVEL changed: 1 -> 2" in planned
    dry = pachctl("update", "pipeline", "-f", str(spec), "--dry-run")
    assert json.loads(dry.out)["transform"]["env"] == {"LEVEL": "2"}
    done = pachctl("update", "pipeline", "-f", str(spec))
    assert done.out == ""
    for said in (dry.err, done.err):
        assert said.startswith("default/copy, version 2: 2 of 2 datums will run again, 0 skipped\n")
        assert "  2 datums: env changed: LEVEL changed: 1 -> 2\n" in said
    pachctl("wait", "commit", "copy@master")
    again = pachctl("update", "pipeline", "-f", str(spec), "--reprocess")
    assert "2 datums: all to be reprocessed" in again.err


def test_running_again_says_what_it_runs(pachctl: Any, spec: Path) -> None:
    said = pachctl("rerun", "pipeline", "copy")
    assert (said.out, said.err) == ("", "default/copy, version 2: 0 of 2 datums will run again, 2 skipped\n")
    pachctl("wait", "commit", "copy@master")
    said = pachctl("rerun", "pipeline", "copy", "--reprocess")
    assert said.err == (
        "default/copy, version 3: 2 of 2 datums will run again, 0 skipped\n"
        "  2 datums: all to be reprocessed\n"
    )
    assert "not found" in pachctl("rerun", "pipeline", "nothing", code=4).err


def test_a_plan_says_what_stands_in_its_way(pachctl: Any, spec: Path) -> None:
    pachctl("stop", "pipeline", "copy")
    stopped = "  but the pipeline is stopped: nothing runs until it is started\n"
    assert stopped in pachctl("plan", "copy").out
    spec.write_text(SPEC.replace('"1"', '"2"'))
    assert stopped in pachctl("update", "pipeline", "-f", str(spec)).err
    pachctl("start", "pipeline", "copy")
    spec.write_text(SPEC.replace("host", "nowhere:1"))
    planned = pachctl("plan", "-f", str(spec)).out
    assert planned.startswith('default/copy, version 3: image "nowhere:1" is not known on this machine')


def test_by_pachyderms_rule_an_update_says_that_old_results_stay(pachctl: Any, spec: Path) -> None:
    theirs = SPEC + "metadata: {annotations: {calf.dev/datum-identity: pachyderm}}\n"
    spec.write_text(theirs)
    assert "rule of identity changed: calf -> pachyderm" in pachctl("update", "pipeline", "-f", str(spec)).err
    pachctl("wait", "commit", "copy@master")
    spec.write_text(theirs.replace('"1"', '"2"').replace("[sh]", "[bash]"))
    assert pachctl("update", "pipeline", "-f", str(spec)).err == (
        "default/copy, version 3: 0 of 2 datums will run again, 2 skipped\n"
        "  but the 2 skipped keep what the code of version 2 made: "
        "by Pachyderm's rule a changed cmd or env runs nothing again; --reprocess does\n"
    )


def test_raw_plans_are_the_servers_records(pachctl: Any, spec: Path) -> None:
    text = pachctl("plan", "copy", "--raw").out
    decoder, place, found = json.JSONDecoder(), 0, []
    while place < len(text.rstrip()):
        value, place = decoder.raw_decode(text, place)
        found.append(value)
        place += 1
    assert [sorted(each) for each in found] == [["summary"], ["datum"], ["datum"]]


def test_a_plan_needs_one_thing_to_plan(offline: Any, tmp_path: Path) -> None:
    ended = offline("plan", "copy", "-f", "x")
    assert (ended.code, "name a pipeline, or give a spec" in ended.err) == (2, True)
