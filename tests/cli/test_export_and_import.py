"""`export` and `import`: a commit goes from server to server as it was, or not at all."""

from __future__ import annotations

import io
import json
import random
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from calf.cli.candidates import complete
from calf.cli.importing import Archive
from calf.cli.root import root
from calf.client.connection import connect
from calf.daemon.main import main as calf
from calf.model.errors import IntegrityError
from calf.wire.messages import pfs
from tests.cli.conftest import Pachctl

NOISE = random.Random(1).randbytes(5_000_000)
FILES = {
    "a b.txt": b"first",
    "a/b": b"second",
    "a/" + "long/" * 40 + "x" * 200: b"third",
    "empty": b"",
    "large": NOISE,
}


@pytest.fixture
def exported(pachctl: Pachctl, tmp_path: Path) -> Path:
    """What became of a commit with FILES, and a repo `other` beside it."""
    for path, content in FILES.items():
        place = tmp_path / "source" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    for repo in ("images", "other"):
        pachctl("create", "repo", repo)
    pachctl("put", "file", "-r", "images@master:/", "-f", str(tmp_path / "source"))
    archive = tmp_path / "images.tar"
    said = pachctl("export", "images@master", "--to", str(archive)).err
    assert f"images.tar: 5 files, {len(NOISE) + 16} bytes of images@" in said
    return archive


def digests(pachctl: Pachctl, commit: str) -> tuple[str, list[str]]:
    """The hash of all that a commit holds, and its paths."""
    told = json.loads(pachctl("inspect", "file", f"{commit}:/", "--raw").out)
    return told["hash"], [row[0] for row in pachctl("glob", "file", f"{commit}:/**").rows]


def commits(pachctl: Pachctl, repo: str) -> int:
    return len(pachctl("list", "commit", repo).rows)


def test_a_commit_goes_into_another_repo_as_it_was(pachctl: Pachctl, exported: Path, answer: Any) -> None:
    answer("this goes")
    pachctl("put", "file", "other@master:/before")
    said = pachctl("import", str(exported), "other@master").err
    assert f": 5 files, {len(NOISE) + 16} bytes, as exported" in said
    assert commits(pachctl, "other") == 2
    assert digests(pachctl, "other@master") == digests(pachctl, "images@master")
    assert pachctl("get", "file", "other@master^:/before").out == "this goes"


def test_the_file_comes_first_and_whoever_turns_them_round_is_told(pachctl: Pachctl, exported: Path) -> None:
    said = pachctl("import", "other@master", str(exported), code=2).err
    assert f"error: the file comes first, then where it goes: import {exported} other@master\n" in said
    assert "there is no file none.tar" in pachctl("import", "none.tar", "other@master", code=2).err
    assert commits(pachctl, "other") == 0


def test_the_same_commit_gives_the_same_bytes(pachctl: Pachctl, exported: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.tar"
    commit = pachctl("list", "commit", "images").rows[0][2]
    pachctl("export", f"images@{commit}", "-o", str(again), "--no-progress")
    assert again.read_bytes() == exported.read_bytes()
    with tarfile.open(exported) as archive:
        assert archive.getnames()[1:-1] == [f"files/{path}" for path in sorted(FILES)]
        told = json.load(archive.extractfile("commit.json") or io.BytesIO())
        assert told["commit"] == {"project": "default", "repo": "images", "type": "user", "id": commit}
        assert told["origin"] == "USER"
        lines = [json.loads(line) for line in archive.extractfile("manifest.jsonl") or ()]
    assert [line["path"] for line in lines[:-1]] == [f"/{path}" for path in sorted(FILES)]
    assert lines[-1]["files"] == 5


def test_a_dash_is_standard_output(pachctl: Pachctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pachctl("create", "repo", "small")
    (tmp_path / "a").write_text("text")
    pachctl("put", "file", "small@master:/a", "-f", "a")
    ended = pachctl("export", "small@master", "-o", "-", "--no-progress")
    assert ended.err.startswith("1 file, 4 bytes of small@")
    with tarfile.open(fileobj=io.BytesIO(ended.out.encode())) as archive:
        assert "files/a" in archive.getnames()
    assert not (tmp_path / "-").exists()


def test_an_archive_says_what_a_commit_was_made_from(
    pachctl: Pachctl, run_chain: Callable[..., None], tmp_path: Path
) -> None:
    run_chain(
        "pipeline: {{name: {name}}}\n"
        "transform: {{image: host, cmd: [sh], stdin: [cp /pfs/{repo}/* /pfs/out/]}}\n"
        "input: {{pfs: {{repo: {repo}, glob: /}}}}\n",
        {"a": "A"},
    )
    pachctl("export", "two@master", "--to", str(tmp_path / "two.tar"))
    with tarfile.open(tmp_path / "two.tar") as archive:
        told = json.load(archive.extractfile("commit.json") or io.BytesIO())
    behind = {(each["commit"]["repo"], each["commit"]["type"]): each for each in told["provenance"]}
    assert set(behind) == {("in", "user"), ("one", "user"), ("one", "spec"), ("two", "spec")}
    assert {each["repo"] for each in behind["one", "user"]["made_from"]} == {"in", "one"}


def test_an_empty_commit_is_one_too(pachctl: Pachctl, exported: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.tar"
    for words in (["start", "commit", "other@master"], ["finish", "commit", "other@master"]):
        pachctl(*words)
    pachctl("export", "other@master", "--to", str(empty))
    assert ": 0 files, 0 bytes" in pachctl("import", str(empty), "images@master").err
    assert pachctl("list", "file", "images@master").rows == []


def members(archive: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(archive) as tar:
        return [(each, (tar.extractfile(each) or io.BytesIO()).read()) for each in tar.getmembers()]


def write(archive: Path, found: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    with tarfile.open(archive, "w") as tar:
        for each, content in found:
            each.size = len(content) if each.isreg() else 0
            tar.addfile(each, io.BytesIO(content))


def changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[Any], Iterator[Any]]:
    """The members, one of them with other content."""

    def of(found: list[tuple[tarfile.TarInfo, bytes]]) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
        return ((each, change(content) if each.name == name else content) for each, content in found)

    return of


def link(found: list[tuple[tarfile.TarInfo, bytes]]) -> Any:
    info = tarfile.TarInfo("files/large")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return [(info, b"") if each.name == info.name else (each, content) for each, content in found]


DAMAGED = {
    "a byte of a file": (
        changed("files/large", lambda content: content[:4000] + b"\0" + content[4001:]),
        "/large is not what was exported: its SHA-256 is ",
    ),
    "a file's end": (
        changed("files/a/b", lambda content: content[:-1]),
        "/a/b is not what was exported: its size is 5, not 6",
    ),
    "another BLAKE3": (
        changed("manifest.jsonl", lambda lines: lines.replace(b'"blake3": "', b'"blake3": "f', 1)),
        "/a b.txt is not what was exported: its BLAKE3 is ",
    ),
    "a file less": (
        lambda found: [each for each in found if each[0].name != "files/a/b"],
        "/a/b is missing",
    ),
    "the last file less": (
        lambda found: [each for each in found if each[0].name != "files/large"],
        "/large is missing",
    ),
    "a file more": (
        lambda found: [*found[:-1], (tarfile.TarInfo("files/more"), b"1"), found[-1]],
        "/more was not exported",
    ),
    "a file twice": (lambda found: [*found[:2], *found[1:]], "/a b.txt comes twice, or out of order"),
    "a link": (link, "/large is missing"),
    "a path up": (
        lambda found: [found[0], (tarfile.TarInfo("files/../up"), b"1"), *found[1:]],
        "relative file paths are not allowed",
    ),
    "an unclean path": (
        lambda found: [found[0], (tarfile.TarInfo("files//up"), b"1"), *found[1:]],
        "files//up is no file of an export",
    ),
    "no manifest": (lambda found: found[:-1], "its end, manifest.jsonl, is missing"),
    "half a manifest": (
        changed("manifest.jsonl", lambda lines: lines[: len(lines) // 2]),
        "manifest.jsonl is damaged",
    ),
    "more behind it": (lambda found: [*found, found[1]], "behind its manifest"),
    "a longer manifest": (changed("manifest.jsonl", lambda lines: lines + b"{}"), "goes on behind its end"),
    "another commit": (
        changed("commit.json", lambda told: told + b" "),
        "commit.json is not what was exported",
    ),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_archive_changes_nothing_and_the_error_says_where(
    pachctl: Pachctl, exported: Path, kind: str
) -> None:
    change, text = DAMAGED[kind]
    write(exported, list(change(members(exported))))
    hostile = kind in ("a path up", "an unclean path")
    ended = pachctl("import", str(exported), "other@master", code=2 if hostile else 90)
    assert text in ended.err
    assert "images.tar: " in ended.err
    assert commits(pachctl, "other") == 0


def test_an_archive_that_breaks_off_changes_nothing(pachctl: Pachctl, exported: Path) -> None:
    whole = exported.read_bytes()
    for end in (700, len(whole) // 2, len(whole) - 10240):
        exported.write_bytes(whole[:end])
        said = pachctl("import", str(exported), "other@master", code=2).err
        assert "images.tar: an archive cannot be read: " in said
    exported.write_bytes(whole[:512])
    assert commits(pachctl, "other") == 0


def test_what_is_no_export_is_refused_with_what_helps(
    pachctl: Pachctl, exported: Path, tmp_path: Path
) -> None:
    found = members(exported)
    for kept, text in (
        (found[1:], "it does not begin with commit.json"),
        ([], "it holds nothing"),
        (changed("commit.json", lambda told: told.replace(b"export/1", b"export/2"))(found), "export/2, and"),
        ([found[0], (tarfile.TarInfo("other"), b""), *found[1:]], "other is no file of an export"),
    ):
        write(exported, list(kept))
        said = pachctl("import", str(exported), "other@master", code=2).err
        assert text in said
        assert "hint: " in said
    assert "not found" in pachctl("import", str(exported), "nowhere@master", code=4).err


def test_open_commits_are_neither_exported_nor_changed(pachctl: Pachctl, exported: Path) -> None:
    pachctl("start", "commit", "other@master")
    said = pachctl("export", "other@master", code=6)
    assert "is not finished" in said.err
    assert "`pachctl wait commit other@" in said.err
    assert said.out == ""
    assert "`pachctl finish commit other@" in pachctl("import", str(exported), "other@master", code=6).err


def test_a_commit_that_reads_otherwise_is_told(
    pachctl: Pachctl, exported: Path, server_address: str, answer: Any
) -> None:
    repo = pfs.Repo(name="other", type="user", project=pfs.Project(name="default"))
    branch = pfs.Commit(repo=repo, branch=pfs.Branch(repo=repo, name="master"))
    with connect(server_address) as client, Archive(exported) as archive:
        archive.put(client, branch, lambda _size: None)
        archive.compare(client, branch, lambda _size: None)
        pachctl("delete", "file", "other@master:/large")
        with pytest.raises(IntegrityError, match="/large is missing"):
            archive.compare(client, branch, lambda _size: None)
        answer("changed")
        pachctl("put", "file", "other@master:/a/b")
        with pytest.raises(IntegrityError, match="/a/b reads differently"):
            archive.compare(client, branch, lambda _size: None)


def test_calf_has_them_too_and_for_any_server(
    offline: Pachctl,
    pachctl: Pachctl,
    exported: Path,
    server_address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PACHD_ADDRESS", "127.0.0.1:1")
    again = tmp_path / "again.tar"
    assert calf(["export", "images@master", "--to", str(again)]) == 12
    assert not again.exists()
    assert calf(["export", "images@master", "--to", str(again), "--server", server_address]) == 0
    assert again.read_bytes() == exported.read_bytes()
    offline("connect", server_address, "--alias", "cluster")
    assert calf(["import", str(again), "other@master", "--server", "cluster"]) == 0
    monkeypatch.setenv("PACHD_ADDRESS", server_address)
    assert commits(pachctl, "other") == 1


def test_an_address_gets_no_token_of_a_context(offline: Pachctl, tmp_path: Path) -> None:
    from calf.cli.session import Session

    config = tmp_path / "config.json"
    contexts = {"mine": {"pachd_address": "grpc://mine:1", "session_token": "secret"}}
    config.write_text(json.dumps({"v2": {"active_context": "mine", "contexts": contexts}}))
    session = Session({"PACH_CONFIG": str(config)}, tmp_path)
    assert session.context["session_token"] == "secret"
    session.use_server("elsewhere:2")
    assert (session.address, session.context) == ("elsewhere:2", {})
    session = Session({"PACH_CONFIG": str(config), "PACHD_ADDRESS": "other:1"}, tmp_path)
    session.use_server("mine")
    assert (session.address, session.context["session_token"]) == ("grpc://mine:1", "secret")


def test_shells_complete_what_is_exported(pachctl: Pachctl, exported: Path) -> None:
    def ask(*words: str) -> list[str]:
        return [item.value for item in complete(root, words[:-1], words[-1])]

    assert ask("expo") == ["export"]
    assert "images@master" in ask("export", "images@")
    assert "images@master" in ask("import", str(exported), "images@")
