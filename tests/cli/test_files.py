from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def photos(pachctl: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for name in ("cat.jpg", "dog.jpg", "labels/cat.txt", "empty"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("" if name == "empty" else f"{name}\n")
    pachctl("create", "repo", "images")
    pachctl("put", "file", "-r", "images@master:/", "-f", str(folder))
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=["of this machine", "anywhere"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "anywhere":
        monkeypatch.setattr("calf.client.connection.find_door", lambda *_: None)


@pytest.mark.usefixtures("way")
def test_a_large_tree_put_got_and_put_again_is_the_same(pachctl: Any, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "in/side").mkdir(parents=True)
    files = {"a": b"a", "in/noise": os.urandom(700_000), "in/side/text": b"text" * 50_000, "in/e": b""}
    for name, data in files.items():
        (tree / name).write_bytes(data)
    pachctl("create", "repo", "in")
    for turn in ("first", "second"):
        (tree / "turn").write_text(turn)
        pachctl("put", "file", "-r", "in@master:/", "-f", str(tree))
        pachctl("get", "file", "-r", "in@master:/", "-o", str(tmp_path / turn))
        got = {str(path.relative_to(tmp_path / turn)): path for path in (tmp_path / turn).rglob("*")}
        assert {name: path.read_bytes() for name, path in got.items() if path.is_file()} == {
            **files,
            "turn": turn.encode(),
        }
    pachctl("get", "file", "in@master:/in/noise", "-o", str(tmp_path / "noise"))
    assert (tmp_path / "noise").read_bytes() == files["in/noise"]


def test_a_folder_put_again_is_read_where_it_changed(
    pachctl: Any, photos: Path, answer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noting(name: str) -> bytes | None:
        read.append(Path(name).name)
        return Path(name).read_bytes()

    def put(*more: str) -> list[str]:
        read.clear()
        pachctl("put", "file", "-r", "images@master:/", "-f", str(photos), *more)
        pachctl("get", "file", "-r", "images@master:/", "-o", str(tmp_path / "got"))
        assert contents(tmp_path / "got") == contents(photos)
        return sorted(read)

    every = ["cat.jpg", "cat.txt", "dog.jpg", "empty"]
    monkeypatch.setattr("calf.client.handing._read_small", noting)
    assert put() == every
    assert put() == every, "they had only just been written"
    monkeypatch.setattr("calf.client.looks.RESTLESS", -(10**12))
    assert put() == every
    assert put() == []
    (photos / "dog.jpg").write_text("DOG.jpg\n")
    assert put() == ["dog.jpg"]
    answer("somebody else's")
    pachctl("put", "file", "images@master:/cat.jpg")
    assert put() == every
    assert put("--read-all") == every
    pachctl("start", "commit", "images@master")
    assert put() == []
    answer("again")
    pachctl("put", "file", "images@master:/cat.jpg")
    assert put() == every
    pachctl("finish", "commit", "images@master")
    assert put() == [], "it is as it was when they were put last"


def test_a_folder_put_and_got_is_the_same(pachctl: Any, photos: Path, tmp_path: Path) -> None:
    assert len(pachctl("list", "commit", "images").rows) == 1
    assert pachctl("list", "file", "images@master").rows == [
        ["8B     ", "/cat.jpg"],
        ["8B     ", "/dog.jpg"],
        ["0B     ", "/empty"],
        ["15B    ", "/labels/"],
    ]
    pachctl("get", "file", "-r", "images@master:/", "-o", str(tmp_path / "out"))
    assert contents(tmp_path / "out") == contents(photos)
    pachctl("get", "file", "-r", "images@master:/{cat,dog}*", "-o", str(tmp_path / "pets"))
    assert sorted(contents(tmp_path / "pets")) == ["cat.jpg", "dog.jpg"]
    assert (
        "an output path needs to be specified" in pachctl("get", "file", "-r", "images@master:/", code=2).err
    )


def test_one_file_goes_to_standard_output_or_a_file(pachctl: Any, photos: Path, tmp_path: Path) -> None:
    assert pachctl("get", "file", "images@master:/cat.jpg").out == "cat.jpg\n"
    assert pachctl("get", "file", "images@master:/cat.jpg", "--offset", "4").out == "jpg\n"
    pachctl("get", "file", "images@master:/cat.jpg", "-o", str(tmp_path / "mine.jpg"))
    assert (tmp_path / "mine.jpg").read_text() == "cat.jpg\n"
    pachctl("get", "file", "images@master:/empty", "-o", str(tmp_path / "nothing"))
    assert (tmp_path / "nothing").read_bytes() == b""
    ended = pachctl("get", "file", "images@master:/labels", code=2)
    assert ended.err.splitlines()[0].endswith("Try again with the -r flag")
    missing = pachctl("get", "file", "images@master:/nope", "-o", str(tmp_path / "none"), code=4)
    assert "file /nope not found in repo default/images at commit " in missing.err
    assert not (tmp_path / "none").exists()


def test_listing_globbing_and_inspecting(pachctl: Any, photos: Path) -> None:
    assert [row[1] for row in pachctl("glob", "file", "images@master:/*.jpg").rows] == [
        "/cat.jpg",
        "/dog.jpg",
    ]
    assert [row[1] for row in pachctl("list", "file", "images@master:/labels").rows] == ["/labels/cat.txt"]
    shown = pachctl("inspect", "file", "images@master:/cat.jpg").out
    assert shown.startswith("Path: /cat.jpg\nDatum: default\nType: file\nSize: 8B\nHash: ")
    assert "Type: dir\n" in pachctl("inspect", "file", "images@master:/labels").out


def test_copying_deleting_and_comparing(pachctl: Any, photos: Path, answer: Any) -> None:
    pachctl("copy", "file", "images@master:/labels", "images@master:/marks")
    assert pachctl("diff", "file", "images@master").rows == [
        ["+", "46B    ", "/"],
        ["-", "31B    ", "/"],
        ["+", "15B    ", "/marks/"],
        ["+", "15B    ", "/marks/cat.txt"],
    ]
    pachctl("delete", "file", "images@master:/marks", "-r")
    pachctl("delete", "file", "images@master:/dog.jpg")
    assert [row[1] for row in pachctl("list", "file", "images@master").rows] == [
        "/cat.jpg",
        "/empty",
        "/labels/",
    ]
    answer("a cat\n")
    pachctl("put", "file", "images@master:/cat.jpg")
    lines = pachctl("diff", "file", "images@master:/cat.jpg").out.splitlines()
    assert lines[2:] == ["@@ -1 +1 @@", "-cat.jpg", "+a cat"]
    assert [row[0] for row in pachctl("diff", "file", "images@master:/cat.jpg", "--name-only").rows] == [
        "+",
        "-",
    ]
    against = pachctl("diff", "file", "images@master:/cat.jpg", "images@master:/labels/cat.txt").out
    assert "-labels/cat.txt" in against
    answer("and more\n")
    pachctl("put", "file", "-a", "images@master:/cat.jpg")
    assert pachctl("get", "file", "images@master:/cat.jpg").out == "a cat\nand more\n"


def test_nothing_is_put_when_anything_is_wrong(pachctl: Any, photos: Path) -> None:
    before = pachctl("list", "commit", "images").out
    good = str(photos / "cat.jpg")
    assert (
        "repo default/nope not found" in pachctl("put", "file", "nope@master", "-f", "/no/such", code=4).err
    )
    assert "/no/such" in pachctl("put", "file", "images@master", "-f", good, "-f", "/no/such", code=4).err
    ended = pachctl("put", "file", "images@master:/../x", "-f", good, code=2)
    assert "relative file paths are not allowed" in ended.err
    ended = pachctl("put", "file", "images@master:/a*b", "-f", good, code=2)
    assert "globbing character (*) not allowed in path" in ended.err
    assert "put it with -r" in pachctl("put", "file", "images@master", "-f", str(photos), code=2).err
    assert pachctl("list", "commit", "images").out.count("\n") == before.count("\n")


def test_a_misspelt_repo_is_what_is_missing(pachctl: Any, photos: Path) -> None:
    for words in (
        ("list", "file", "imagse@master"),
        ("glob", "file", "imagse@master:/*"),
        ("inspect", "file", "imagse@master:/cat.jpg"),
        ("get", "file", "imagse@master:/cat.jpg"),
        ("get", "file", "-r", "imagse@master:/", "-o", "x"),
        ("delete", "file", "imagse@master:/cat.jpg"),
        ("copy", "file", "imagse@master:/cat.jpg", "images@master:/x"),
        ("copy", "file", "images@master:/cat.jpg", "imagse@master:/x"),
        ("diff", "file", "imagse@master:/"),
        ("diff", "file", "images@master:/", "imagse@master:/"),
        ("put", "file", "imagse@master", "-f", "/no/such"),
    ):
        ended = pachctl(*words, code=4)
        assert "repo default/imagse not found" in ended.err, words
        assert 'did you mean "images"' in ended.err, words
    assert 'branch "mastre" not found' in pachctl("list", "file", "images@mastre", code=4).err


def test_a_download_that_broke_off_goes_on(pachctl: Any, photos: Path, tmp_path: Path) -> None:
    part = tmp_path / "part"
    for have in ("cat", "cat.jpg\n", ""):
        part.write_text(have)
        pachctl("get", "file", "images@master:/cat.jpg", "-o", str(part), "--retry")
        assert part.read_text() == "cat.jpg\n"
    part.unlink()
    pachctl("get", "file", "images@master:/cat.jpg", "-o", str(part), "--retry")
    assert part.read_text() == "cat.jpg\n"


def test_files_travel_compressed(pachctl: Any, photos: Path, answer: Any) -> None:
    answer("zip " * 100_000)
    pachctl("put", "file", "-c", "images@master:/zip")
    assert pachctl("get", "file", "images@master:/zip").out == "zip " * 100_000


def test_another_program_compares_files(pachctl: Any, photos: Path, answer: Any) -> None:
    answer("a cat\n")
    pachctl("put", "file", "images@master:/cat.jpg")
    lines = pachctl("diff", "file", "images@master:/cat.jpg", "--diff-command", "diff -u").out.splitlines()
    assert lines[2:] == ["@@ -1 +1 @@", "-cat.jpg", "+a cat"]
    pachctl("delete", "file", "images@master:/cat.jpg")
    lines = pachctl("diff", "file", "images@master:/cat.jpg", "--diff-command", "diff").out.splitlines()
    assert lines == ["1d0", "< a cat"]
    ended = pachctl("diff", "file", "images@master:/cat.jpg", "--diff-command", "no-such-program", code=2)
    assert "there is no program `no-such-program`" in ended.err
    ended = pachctl("diff", "file", "images@master:/cat.jpg", "--diff-command", "sh -c 'exit 3'", code=2)
    assert "ended with exit code 3" in ended.err


def test_what_splitting_was_is_told(offline: Any) -> None:
    ended = offline("put", "file", "images@master", "-f", "a", "--split", "line")
    assert (ended.code, "splitting files has been removed" in ended.err) == (2, True)


def test_what_a_command_prints_is_put_as_a_file(pachctl: Any) -> None:
    out, into = os.pipe()
    os.write(into, b"printed")
    os.close(into)
    pachctl("create", "repo", "piped")
    pachctl("put", "file", "piped@master:/out", "-f", f"/dev/fd/{out}")
    os.close(out)
    assert pachctl("get", "file", "piped@master:/out").out == "printed"


def test_a_folder_is_deleted_with_r_only(pachctl: Any, answer: Any) -> None:
    pachctl("create", "repo", "in")
    answer("x")
    pachctl("put", "file", "in@master:/d/a")
    assert "/d is a directory; delete it with -r" in pachctl("delete", "file", "in@master:/d", code=2).err
    pachctl("delete", "file", "-r", "in@master:/d")
    assert pachctl("list", "file", "in@master").rows == []
    pachctl("delete", "file", "in@master:/gone")
