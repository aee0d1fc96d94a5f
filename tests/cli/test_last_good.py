"""Whoever reads a head with an error is told, and led to the last good commit before it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from calf.client.connection import connect
from calf.client.last_good import last_good
from calf.wire.messages import pfs
from tests.cli.conftest import Pachctl

SPEC = """
pipeline: {name: edges}
transform: {image: host, cmd: [sh], stdin: ["cp /pfs/in/a /pfs/out/a; grep good /pfs/in/a"]}
input: {pfs: {repo: in, glob: /}}
datum_tries: 1
"""


@pytest.fixture
def put(pachctl: Pachctl, answer: Callable[[str], None], tmp_path: Path) -> Callable[[str], str]:
    """Puts a text for a pipeline that copies it, and fails unless it is good; gives the output's commit."""
    (tmp_path / "edges.yaml").write_text(SPEC)
    pachctl("create", "repo", "in")
    pachctl("create", "pipeline", "-f", str(tmp_path / "edges.yaml"))

    def put_one(text: str) -> str:
        answer(text)
        pachctl("put", "file", "in@master:/a")
        pachctl("wait", "commit", "edges@master", code=0 if text == "good" else 6)
        return pachctl("list", "commit", "edges").rows[0][2]

    return put_one


def test_bad_heads_name_the_last_good_commit(
    pachctl: Pachctl, put: Callable[[str], str], tmp_path: Path
) -> None:
    good = put("good")
    assert pachctl("get", "file", "edges@master:/a").err == ""
    put("bad")
    bad = put("worse")
    told = f"warning: edges@{bad} finished with an error (datum "
    last = f"; the last good commit is edges@{good}, whose files these may be\n"
    for words in ([], ["-o", str(tmp_path / "a")], ["-r", "-o", str(tmp_path / "all")]):
        ended = pachctl("get", "file", "edges@master:/a", *words)
        assert ended.err.startswith(told)
        assert ended.err.endswith(last)
    missing = pachctl("get", "file", "edges@master:/b", code=4)
    assert missing.err.startswith(told)
    assert last in missing.err
    assert pachctl("get", "file", f"edges@{bad}:/a").err == ""
    exported = pachctl("export", "edges@master", "--to", str(tmp_path / "x.tar"), code=6)
    assert f"hint: the last good one is edges@{good}\n" in exported.err
    shown = pachctl("inspect", "commit", "edges@master").out
    assert f"what it shows may be what edges@{good} held, which is the one to ask" in shown


def test_a_repo_without_a_good_commit_promises_none(
    pachctl: Pachctl, answer: Callable[[str], None], tmp_path: Path
) -> None:
    pachctl("create", "repo", "in")
    pachctl("start", "commit", "in@master")
    for path in ("/a", "/a/b"):
        answer("x")
        pachctl("put", "file", f"in@master:{path}")
    pachctl("finish", "commit", "in@master")
    pachctl("wait", "commit", "in@master", code=6)
    assert "has no good commit before it" in pachctl("export", "in@master", "--to", "x.tar", code=6).err


def test_a_thousand_bad_commits_hide_no_good_one(pachctl: Pachctl, server_address: str) -> None:
    """A cron input that fails each minute needs a day for that."""
    pachctl("create", "repo", "in")
    branch = pfs.Branch(
        repo=pfs.Repo(name="in", type="user", project=pfs.Project(name="default")), name="master"
    )
    with connect(server_address) as client:
        made = []
        for number in range(1002):
            made.append(client.pfs.StartCommit(pfs.StartCommitRequest(branch=branch)))
            error = "bad" if number else ""
            client.pfs.FinishCommit(pfs.FinishCommitRequest(commit=made[-1], error=error, force=True))
        info = client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=made[-1]))
        assert last_good(client, info) == f"in@{made[0].id}"
