from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def test_a_repo_from_birth_to_death(pachctl: Any, answer: Any) -> None:
    pachctl("create", "repo", "images", "-d", "photos")
    assert "repo default/images already exists" in pachctl("create", "repo", "images", code=5).err
    listed = pachctl("list", "repo")
    assert listed.out.splitlines()[0] == "PROJECT\tNAME\tCREATED\tSIZE (MASTER)\tDESCRIPTION"
    ((project, name, created, size, description),) = listed.rows
    assert (project, name, size, description) == ("default", "images", "0B", "photos")
    assert created.endswith(" ago")
    pachctl("update", "repo", "images", "-d", "better photos")
    assert "Description: better photos\n" in pachctl("inspect", "repo", "images").out
    record = json.loads(pachctl("inspect", "repo", "images", "--raw").out)
    assert record["repo"] == {"name": "images", "type": "user", "project": {"name": "default"}}
    assert pachctl("inspect", "repo", "images", "--raw", "-o", "yaml").out.startswith(
        "---\nrepo:\n  name: images\n"
    )
    ended = pachctl("list", "repo", "-o", "json", code=2)
    assert "cannot set --output (-o) without --raw" in ended.err
    answer("n\n")
    assert "Nothing was deleted." in pachctl("delete", "repo", "--all", code=1).err
    answer("")
    assert pachctl("delete", "repo", "images").out == "Repo deleted.\n"
    missing = pachctl("delete", "repo", "-f", "images", code=4)
    assert missing.err.startswith("error: No repo deleted.\nhint: ")
    assert "repo default/images not found" in pachctl("inspect", "repo", "images", code=4).err


def test_commits_and_branches(pachctl: Any, answer: Any) -> None:
    pachctl("create", "repo", "images")
    first = pachctl("start", "commit", "images@master", "-m", "one").out.strip()
    answer("hello")
    pachctl("put", "file", "images@master:/a")
    pachctl("finish", "commit", "images@master")
    assert "has already finished" in pachctl("finish", "commit", f"images@{first}", code=6).err
    answer("more")
    pachctl("put", "file", "images@master:/b")
    rows = pachctl("list", "commit", "images@master").rows
    assert [row[2] for row in rows][1:] == [first]
    second = rows[0][2]
    assert [row[4:] for row in rows] == [["9B", "USER", "-", ""], ["5B", "USER", "-", "one"]]
    assert pachctl("list", "commit", "images", "-n", "1").rows[0][2] == second
    assert [row[2] for row in pachctl("list", "commit", "images@master", "--from", first).rows] == [second]
    assert [row[0] for row in pachctl("list", "commit").rows] == [second, first]
    assert [row[2] for row in pachctl("list", "commit", "-x").rows] == [second, first]
    assert [row[1:3] for row in pachctl("list", "commit", first).rows] == [["images", first]]
    shown = pachctl("inspect", "commit", "images@master", "--full-timestamps").out
    assert f"Commit: images@{second}\nParent: {first}\n" in shown
    assert "Finished: 20" in shown
    assert pachctl("wait", "commit", f"images@{second}").code == 0
    assert len(pachctl("wait", "commit", second).rows) == 1

    pachctl("create", "branch", "images@old", "--head", "images@master^")
    pachctl("create", "branch", "images@older", "--head", first)
    heads = {row[0]: row[1] for row in pachctl("list", "branch", "images").rows}
    assert heads == {"master": second, "old": first, "older": first}
    assert f"Head Commit: images@{first}\n" in pachctl("inspect", "branch", "images@old").out
    pachctl("delete", "branch", "images@old")
    assert (
        'branch "old" not found in repo default/images'
        in pachctl("inspect", "branch", "images@old", code=4).err
    )
    pachctl("create", "repo", "edges")
    pachctl("create", "branch", "edges@master", "-p", "images@master")
    assert "Provenance: default/images@master\n" in pachctl("inspect", "branch", "edges@master").out


def test_projects_and_contexts(pachctl: Any, answer: Any, server_address: str, monkeypatch: Any) -> None:
    pachctl("create", "project", "lab", "-d", "trials")
    assert [row[:2] for row in pachctl("list", "project").rows] == [["*", "default"], ["", "lab"]]
    assert "Description: trials\n" in pachctl("inspect", "project", "lab").out
    monkeypatch.delenv("PACHD_ADDRESS")
    connected = pachctl("connect", f"grpc://{server_address}", "--alias", "mine").out
    assert connected == (
        f"New context 'mine' created, will connect to Pachyderm at grpc://{server_address}\n"
        "Context 'mine' set as active\n"
    )
    pachctl("config", "update", "context", "--project", "lab")
    assert pachctl("config", "get", "active-context").out == "mine\n"
    pachctl("create", "repo", "images")
    assert [row[:2] for row in pachctl("list", "repo").rows] == [["lab", "images"]]
    assert pachctl("list", "repo", "--project", "default").rows == []
    assert len(pachctl("list", "repo", "-A").rows) == 1
    assert "--project lab images" in pachctl("list", "branch", "lab/images", code=2).err
    answer("y\n" * 3)
    assert "all in it (images)" in pachctl("delete", "project", "lab").err
    assert [row[1] for row in pachctl("list", "project").rows] == ["default"]
    assert "cannot delete an active context" in pachctl("config", "delete", "context", "mine", code=2).err
    assert json.loads(pachctl("config", "get", "context", "mine").out)["project"] == "lab"
    assert pachctl("config", "list", "context").rows == [["*", "mine"]]
    pachctl("config", "set", "active-context", "other", code=4)


def test_version_cluster_fsck_and_delete_all(pachctl: Any, answer: Any, tmp_path: Path) -> None:
    assert [row[0] for row in pachctl("version").rows] == ["pachctl", "pachd"]
    assert pachctl("version").rows[1][1].startswith("2.12")
    assert "Deployment ID: " in pachctl("inspect", "cluster").out
    pachctl("create", "repo", "r")
    (tmp_path / "f").write_text("x")
    pachctl("put", "file", "r@master", "-f", str(tmp_path / "f"))
    assert pachctl("fsck", "--verify").out == ""
    answer("y\n")
    pachctl("delete", "all")
    assert pachctl("list", "repo").rows == []
