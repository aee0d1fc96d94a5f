"""`pachctl verify` and `pachctl attest`: from a commit to its sources, with a server and without one."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from calf.views.source_words import source_words

SPEC = """\
pipeline:
  name: {name}
transform:
  image: host
  cmd: [sh]
  stdin: ["cat /pfs/{repo}/* > /pfs/out/all"]
input:
  pfs:
    repo: {repo}
    glob: /
"""


@pytest.fixture
def chain(run_chain: Any) -> None:
    run_chain(SPEC, {"a": "A" * 1000})


@pytest.mark.usefixtures("chain")
def test_a_whole_chain_is_verified(pachctl: Any, tmp_path: Path) -> None:
    said = pachctl("verify", "two@master").out.splitlines()
    assert said[-1] == "verified: 2 statements, 3 files, 3000 bytes"
    assert said[0].startswith("pfs:default/two@")
    assert said[1].startswith("signed with key sha256:")
    told = json.loads(pachctl("verify", "two@master", "-o", "json").out)
    assert (told["ok"], told["problems"], told["gaps"]) == (True, [], [])
    assert told["commits"][0]["commit"].partition("@")[0] == "pfs:default/two"
    said = pachctl("verify", "in@master").out
    assert "signed by nobody" in said
    assert said.endswith("verified: 0 statements, 1 file, 1000 bytes\n")
    key = tmp_path / "calf.pub"
    key.write_text(pachctl("attest", "--public-key").out)
    assert "nothing of it is signed" in pachctl("verify", "in@master", "--key", str(key), code=4).out
    assert pachctl("verify", "two@master", "--key", str(key)).out.count("signed with key") == 1
    assert "not found" in pachctl("verify", "two@" + "0" * 32, code=4).err
    assert "name a commit" in pachctl("verify", code=2).err


@pytest.mark.usefixtures("chain")
def test_what_was_changed_is_told_in_a_line(pachctl: Any, tmp_path: Path) -> None:
    for pack in (tmp_path / "home/storage/packs").iterdir():
        data = bytearray(pack.read_bytes())
        data[8] ^= 1  # of its first object, of which any byte counts
        pack.write_bytes(data)
    said = pachctl("verify", "two@master", code=90).out.splitlines()
    assert said[-1].startswith("not verified: ")
    assert any(line.startswith("pfs:default/in@") and ": /a cannot be read: object " in line for line in said)
    assert json.loads(pachctl("verify", "two@master", "-o", "json", code=90).out)["ok"] is False


@pytest.mark.usefixtures("chain")
def test_part_of_the_history_that_is_gone_is_no_damage(pachctl: Any) -> None:
    pachctl("delete", "repo", "in", "--force")
    said = pachctl("verify", "two@master", code=4).out
    assert ": dropped: nobody can check any more that pfs:default/one@" in said
    assert "not verified: 1 finding in 2 statements, 2 files, 2000 bytes" in said


@pytest.mark.usefixtures("chain")
def test_a_proof_is_checked_without_a_server(
    pachctl: Any, offline: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof, key, files = tmp_path / "proof.json", tmp_path / "calf.pub", tmp_path / "files"
    pachctl("attest", "two@master", "-o", str(proof))
    key.write_text(pachctl("attest", "--public-key").out)
    pachctl("get", "file", "-r", "two@master:/", "-o", str(files))
    document = json.loads(proof.read_text())
    assert set(document["files"]) == {"/all"}
    assert document["verified"] == {"ok": True, "statements": 2, "files": 3, "bytes": 3000, "problems": []}
    assert document["reproduced"] is None
    assert [each["job"].partition("@")[0] for each in document["sources"]] == ["default/two", "default/one"]
    monkeypatch.setenv("PACHD_ADDRESS", "127.0.0.1:1")
    check = ("verify", "--proof", str(proof), "--key", str(key), "--files", str(files))
    assert offline(*check).out.endswith("verified: 2 statements, 1 file, 1000 bytes\n")
    said = offline(*check).out.splitlines()
    assert said[2].startswith("made by job default/two@")
    assert said[3] == "source: not known"
    document["commit"] = "pfs:default/other@1"
    (tmp_path / "spoilt.json").write_text(json.dumps(document))
    for name in ("proof.json", "provenance.json"):
        (files / name).write_text("{}")
    spoilt = offline("verify", "--proof", str(tmp_path / "spoilt.json"), "--files", str(files))
    assert "checked against key sha256:" in spoilt.out
    assert "looks like a released model, whose proof.json is about evaluate's output" in spoilt.err
    trusting = offline("verify", "--proof", str(proof))
    assert trusting.code == 0
    assert "taking the proof's word for its key" in trusting.err
    assert "no files were looked at" in trusting.err
    (files / "all").write_text("B" * 1000)
    changed = offline(*check)
    assert changed.code == 90
    assert changed.out.startswith("/all is not as it was: its SHA-256 is ")
    assert json.loads(offline(*check, "-o", "json").out)["ok"] is False
    (files / "all").unlink()
    (files / "all").symlink_to("/etc/passwd")
    assert "is neither a file nor a folder" in offline(*check).err


def test_what_is_no_proof_is_refused(offline: Any, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    for text in ("no", "[]", "{}", '{"v": 1}'):
        path.write_text(text)
        ended = offline("verify", "--proof", str(path))
        assert ended.code == 2, text
        assert "error: " in ended.err
    assert offline("verify", "in@master", "--proof", str(path)).code == 2
    assert offline("verify", "in@master", "--files", str(tmp_path)).code == 2


@pytest.mark.usefixtures("chain")
def test_a_proof_of_what_was_changed_says_so(pachctl: Any, tmp_path: Path) -> None:
    rows = sqlite3.connect(tmp_path / "home/metadata.sqlite")
    with rows:
        rows.execute(
            "UPDATE statements SET signature = x'00'"
            " WHERE commit_id = (SELECT min(commit_id) FROM statements)"
        )
    rows.close()
    ended = pachctl("attest", "two@master")
    assert "its statement does not hold: its signature is not good" in ended.err
    verified = json.loads(ended.out)["verified"]
    assert verified["ok"] is False
    assert len(verified["problems"]) == 1


@pytest.mark.usefixtures("chain")
def test_users_have_no_statements_to_attest(pachctl: Any) -> None:
    assert "there is no statement about commit default/in@" in pachctl("attest", "in@master", code=4).err
    assert "name a commit" in pachctl("attest", code=2).err


@pytest.mark.usefixtures("chain")
def test_a_chain_that_is_replayed_says_what_came_of_it(pachctl: Any, offline: Any, tmp_path: Path) -> None:
    proof = pachctl("attest", "two@master", "--replay", "all").out
    told = json.loads(proof)["reproduced"]
    assert told["ok"] is True
    path = tmp_path / "proof.json"
    path.write_text(proof)
    assert "run again and the same: 2 of 2 jobs\n" in offline("verify", "--proof", str(path)).out
    path.write_text(proof.replace('"reproduced",', '"within tolerance",', 1))
    assert "the proof says within tolerance" in offline("verify", "--proof", str(path)).out
    assert [(job["job"].partition("@")[0], job["result"]) for job in told["jobs"]] == [
        ("default/one", "reproduced"),
        ("default/two", "reproduced"),
    ]
    ended = pachctl("attest", "two@master", "--replay", "two")
    told = json.loads(ended.out)["reproduced"]
    assert [job["result"] for job in told["jobs"]] == ["not replayed", "reproduced"]
    assert told["ok"] is False
    assert "warning: default/one@" in ended.err
    pachctl("delete", "pipeline", "two", "--keep-repo")
    job = json.loads(pachctl("attest", "two@master", "--replay", "two").out)["reproduced"]["jobs"][1]
    assert job["result"] == "not replayed"
    assert "not found" in job["detail"]


@pytest.mark.usefixtures("chain")
def test_a_statement_can_be_shown(pachctl: Any) -> None:
    told = json.loads(pachctl("inspect", "statement", "two@master").out)
    assert told["subject"][0]["name"].startswith("pfs:default/two@")
    assert "not found" in pachctl("inspect", "statement", "two@" + "0" * 32, code=4).err


@pytest.mark.usefixtures("chain")
def test_a_pipeline_that_has_no_part_in_it_cannot_be_replayed(pachctl: Any) -> None:
    said = pachctl("attest", "two@master", "--replay", "one,tow", code=2).err
    assert "no job of 'tow' is behind it; those of one, two are" in said


def test_a_source_in_words() -> None:
    assert source_words({"commit": ""}) == ""
    assert source_words({"commit": "c0ffee", "dirty": False}) == "c0ffee, clean"
    assert source_words({"commit": "c0ffee", "dirty": True, "changed": ["a.py"]}) == "c0ffee, but for a.py"
    assert "not known" in source_words({"commit": "c0ffee", "dirty": None})
