"""Tables and records of projects, repos, branches and commits, to the letter; ids and times are blotted
out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from calf.views.words import moment
from calf.wire.messages import google
from tests.fresh_folder import BEGUN

Golden = Callable[..., str]


@pytest.fixture
def golden(pachctl: Any) -> Golden:
    """What a command prints, with `ID` for ids and `NOW` for times of the last seconds."""

    def run(*args: str) -> str:
        out = re.sub(r"\b[0-9a-f]{12}4[0-9a-f]{19}\b", "ID", pachctl(*args).out)
        out = re.sub(r"(Less than a second|\d+ seconds?) ago", "NOW", out)
        return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "RFC3339", out)

    return run


@pytest.fixture
def images(pachctl: Any, answer: Any) -> None:
    """A repo with a finished commit of two files, its parent empty of them, and a branch computed from it."""
    pachctl("create", "repo", "images", "-d", "photos")
    for path, text in (("/cats/tom", "x" * 1500), ("/dogs", "")):
        answer(text)
        pachctl("put", "file", f"images@master:{path}")
    pachctl("create", "repo", "edges")
    pachctl("create", "branch", "edges@master", "-p", "images@master")


@pytest.mark.usefixtures("images")
def test_repos(golden: Golden) -> None:
    assert golden("list", "repo") == (
        "PROJECT\tNAME\tCREATED\tSIZE (MASTER)\tDESCRIPTION\n"
        "default\tedges\tNOW\t0B\t\n"
        "default\timages\tNOW\t1.465KiB\tphotos\n"
    )
    assert golden("inspect", "repo", "images") == (
        "Name: images\nDescription: photos\nCreated: NOW\nSize of HEAD on master: 1.465KiB\n"
        "Project: default\n"
    )
    assert "\tRFC3339\t" in golden("list", "repo", "--full-timestamps")


def test_projects(golden: Golden, pachctl: Any) -> None:
    pachctl("create", "project", "lab", "-d", "trials")
    begun = moment(google.Timestamp(seconds=int(BEGUN)))
    assert golden("list", "project") == (
        f"ACTIVE\tPROJECT\tCREATED\tDESCRIPTION\n*\tdefault\t{begun}\t\n\tlab\tNOW\ttrials\n"
    )
    assert golden("inspect", "project", "lab") == (
        "Name: lab\nDescription: trials\nCreated: NOW\nDefaults: {}\n"
    )


@pytest.mark.usefixtures("images")
def test_branches(golden: Golden, pachctl: Any) -> None:
    pachctl("create", "branch", "images@staging", "--head", "images@master^")
    follow = ["--trigger-size", "1K", "--trigger-commits", "3", "--trigger-all"]
    pachctl("create", "branch", "images@nightly", "-t", "staging", *follow)
    pachctl("create", "branch", "images@daily", "-t", "staging", "--trigger-cron", "@daily")
    assert golden("list", "branch", "images") == (
        "BRANCH\tHEAD\tTRIGGER\tCREATOR\tCREATED\n"
        "daily\tID\tstaging on Cron(@daily)\t-\tNOW\n"
        "nightly\tID\tstaging on Size(1K) and Commits(3)\t-\tNOW\n"
        "staging\tID\t-\t-\tNOW\n"
        "master\tID\t-\t-\tNOW\n"
    )
    assert golden("list", "branch", "images", "--reverse").splitlines()[1].startswith("master\t")
    assert golden("inspect", "branch", "edges@master") == (
        "Name: edges@master\nHead Commit: edges@ID\nProvenance: default/images@master\nCreated at: NOW\n"
    )
    assert "Trigger: staging on Cron(@daily)\n" in golden("inspect", "branch", "images@daily")


@pytest.mark.usefixtures("images")
def test_commits(golden: Golden, pachctl: Any) -> None:
    columns = "PROJECT\tREPO\tCOMMIT\tFINISHED\tSIZE\tORIGIN\tCREATOR\tDESCRIPTION\n"
    assert golden("list", "commit", "images") == (
        f"{columns}default\timages\tID\tNOW\t1.465KiB\tUSER\t-\t\ndefault\timages\tID\tNOW\t1.465KiB\tUSER\t-\t\n"
    )
    head = pachctl("list", "commit", "images@master").rows[0][2]
    assert golden("list", "commit", head) == f"{columns}default\timages\tID\tNOW\t1.465KiB\tUSER\t-\t\n"
    made = pachctl("list", "commit", "edges").rows[0][2]
    assert golden("list", "commit", made).splitlines()[-1] == "default\tedges\tID\t-\t≤ 0B\tAUTO\t-\t"
    assert golden("inspect", "commit", "images@master").startswith(
        "Commit: images@ID\nParent: ID\nStarted: NOW\nFinished: NOW\nSize: 1.465KiB\n"
        "Original Branch: master\n"
    )


@pytest.mark.usefixtures("images")
def test_sets_of_commits(golden: Golden) -> None:
    rows = golden("list", "commit").splitlines()
    assert rows[0] == "ID\tSUBCOMMITS\tPROGRESS\tCREATED\tMODIFIED"
    assert rows[1].startswith("ID\t1\t········\tNOW\t")
    assert rows[2] == "ID\t1\t▇▇▇▇▇▇▇▇\tNOW\tNOW"
    assert golden("list", "commit", "-x").splitlines()[0].startswith("PROJECT\tREPO\tCOMMIT")


@pytest.mark.usefixtures("images")
def test_commits_as_they_come_and_those_that_touched_a_file(pachctl: Any) -> None:
    searched = pachctl("find", "commit", "images@master:/cats/tom")
    assert searched.out.strip() == pachctl("list", "commit", "images").rows[1][2]
    assert searched.err.startswith("searched 2 commits")
    found = pachctl("find", "commit", "images@master:/cats/tom", "--json").out
    assert json.loads(found.replace("}\n{", "},{").join("[]"))[1]["commits_searched"] == 2
    ended = pachctl("subscribe", "commit", "images@master", "--rpc-timeout", "500ms", code=22)
    assert len(ended.rows) == 2
    ended = pachctl("subscribe", "commit", "images@master", "--new", "--rpc-timeout", "300ms", code=22)
    assert ended.out == ""


def test_history_is_removed_from_the_newest_or_kept_in_children(pachctl: Any, answer: Any) -> None:
    pachctl("create", "repo", "images")
    for text in ("one", "two", "three"):
        answer(text)
        pachctl("put", "file", f"images@master:/{text}")
    third, second, first = (row[2] for row in pachctl("list", "commit", "images").rows)
    assert "no children" in pachctl("squash", "commit", third, code=6).err
    pachctl("squash", "commit", first)
    pachctl("delete", "commit", third)
    assert [row[2] for row in pachctl("list", "commit", "images@master").rows] == [second]
    assert len(pachctl("list", "file", "images@master").rows) == 2
    pachctl("delete", "commitV2", f"images@{second}")
    assert pachctl("list", "file", "images@master").rows == []
    assert pachctl("fsck").out == ""
