"""F9 and F3: jobs, datums and pipelines in the tables and words of pachctl."""

from __future__ import annotations

import json

import pytest

JOBS = ["PROJECT", "PIPELINE", "ID", "STARTED", "DURATION", "RESTART", "PROGRESS", "DL", "UL", "STATE"]
PIPELINES = ["PROJECT", "NAME", "VERSION", "INPUT", "CREATED", "STATE / LAST JOB", "ALERTS", "DESCRIPTION"]


@pytest.fixture
def project(pachctl, project_name):
    pachctl("create", "project", project_name)
    pachctl("create", "repo", "in", "--project", project_name)
    yield project_name
    pachctl("delete", "project", project_name, "-f", stdin="y\n" * 20)


def spec(name, repo, *lines, image="host"):
    return {
        "pipeline": {"name": name},
        "transform": {"image": image, "cmd": ["sh"], "stdin": list(lines)},
        "datum_tries": 1,
        "input": {"pfs": {"repo": repo, "glob": "/*"}},
    }


def table(text):
    header, *rows = [line.split("\t") for line in text.splitlines()]
    assert all(len(row) == len(header) for row in rows)
    return header, rows


def test_105_jobs_are_listed_by_pipeline_expanded_in_sets_and_by_id(pachctl, project):
    where = ("--project", project)
    pachctl("create", "pipeline", *where, stdin=json.dumps(spec("cp", "in", "cp /pfs/in/* /pfs/out/")))
    pachctl("put", "file", "in@master:/a", *where, stdin="12345")
    pachctl("wait", "commit", "cp@master", *where)
    header, rows = table(pachctl("list", "job", "-p", "cp", *where))
    assert header == JOBS
    (newest, created) = rows
    assert [newest[0], newest[1], newest[5], newest[6], newest[7], newest[9]] == (
        [project, "cp", "0", "1 + 0 / 1", "5B", "success"]
    )
    assert created[9] == "success: there were no datums to process"
    expanded = table(pachctl("list", "job", "-x", *where))
    assert (expanded[0], [row[2] for row in expanded[1]]) == (JOBS, [newest[2], created[2]])
    header, sets = table(pachctl("list", "job", *where))
    assert header == ["ID", "SUBJOBS", "PROGRESS", "CREATED", "MODIFIED"]
    assert [row[:3] for row in sets] == [[newest[2], "1", "▇" * 8], [created[2], "1", "▇" * 8]]
    header, rows = table(pachctl("list", "job", newest[2], *where))
    assert (header, [row[:3] for row in rows]) == (JOBS, [[project, "cp", newest[2]]])
    assert rows[0][3].endswith(" ago")


def test_105_a_bare_id_is_hinted_at_and_o_needs_raw(pachctl, project):
    alone = pachctl("inspect", "job", "0" * 12 + "4" + "0" * 19, "--project", project, code=2)
    assert 'Use "list job <id>" to see jobs with a given ID across different pipelines' in alone
    said = pachctl("list", "job", "-o", "yaml", "--project", project, code=2)
    assert "cannot set --output (-o) without --raw" in said


def test_105_pipelines_are_filtered_by_state(pachctl, project):
    where = ("--project", project)
    good = json.dumps(spec("good", "in", "true"))
    bad = json.dumps(spec("bad", "in", "true", image="no/such:1"))
    pachctl("create", "pipeline", *where, stdin=f"{good}\n---\n{bad}")
    pachctl("wait", "commit", "good@master", *where)
    header, rows = table(pachctl("list", "pipeline", "--state", "crashing", *where))
    assert header == PIPELINES
    ((owner, name, version, source, created, state, reason, _),) = rows
    assert (owner, name, version, source) == (project, "bad", "1", f"{project}/in:/*")
    assert state.startswith("crashing / ")
    assert created.endswith(" ago")
    assert "no/such:1" in reason
    both = table(pachctl("list", "pipeline", "--state", "crashing", "--state", "PIPELINE_RUNNING", *where))
    assert sorted(row[1] for row in both[1]) == ["bad", "good"]


def test_030_jobs_below_a_failed_one_are_unrunnable(pachctl, project):
    where = ("--project", project)
    chain = [spec("p1", "in", "exit 1"), spec("p2", "p1", "true"), spec("p3", "p2", "true")]
    pachctl("put", "file", "in@master:/a", *where, stdin="1")
    pachctl("create", "pipeline", *where, stdin=json.dumps(chain))
    job = table(pachctl("list", "job", "-p", "p1", *where))[1][0][2]
    pachctl("wait", "commit", "p3@master", *where, code=6)
    _, rows = table(pachctl("list", "pipeline", *where))
    assert {row[1]: row[5] for row in rows} == {
        "p1": "running / failure",
        "p2": "running / unrunnable",
        "p3": "running / unrunnable",
    }
    reasons = {}
    for pipeline in ("p2", "p3"):
        newest = table(pachctl("list", "job", "-p", pipeline, *where))[1][0]
        assert newest[9] == "unrunnable: unrunnable because the fo..."
        said = pachctl("inspect", "job", f"{pipeline}@{newest[2]}", *where)
        reasons[pipeline] = next(line for line in said.splitlines() if line.startswith("Reason: "))
    text = "Reason: unrunnable because the following upstream pipelines failed: "
    assert reasons == {"p2": f"{text}p1", "p3": f"{text}p2"}
    assert "Reason: datum " in pachctl("inspect", "job", f"p1@{job}", *where)


def test_106_datums_are_listed_and_shown(pachctl, project):
    where = ("--project", project)
    document = json.dumps(spec("cp", "in", "cp /pfs/in/* /pfs/out/"))
    pachctl("put", "file", "in@master:/a", *where, stdin="12345")
    before = table(pachctl("list", "datum", "-f", "-", *where, stdin=document))
    pachctl("create", "pipeline", *where, stdin=document)
    pachctl("wait", "commit", "cp@master", *where)
    job = table(pachctl("list", "job", "-p", "cp", *where))[1][0][2]
    header, ((datum, files, status, time),) = table(pachctl("list", "datum", f"cp@{job}", *where))
    assert header == ["ID", "FILES", "STATUS", "TIME"]
    assert files.startswith("in@")
    assert files.endswith(":/a")
    assert status == "success"
    assert time != "-"
    assert before[1][0][:3] == [datum, files, "unknown"]
    shown = pachctl("inspect", "datum", f"cp@{job}", datum, *where)
    labels = [line.partition(":")[0] for line in shown.splitlines() if ":" in line]
    assert labels[:5] == ["ID", "Job ID", "Image ID", "State", "Data Downloaded"]
    assert "REPO\tCOMMIT\tPATH" in shown
    assert f"cp.meta\t{job}\t/pfs/{datum}" in shown
