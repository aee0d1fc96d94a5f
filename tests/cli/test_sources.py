"""Where a put places files: section D4 of the specification."""

from __future__ import annotations

import io
import os
import random
import tarfile
import tracemalloc
from pathlib import Path

import click
import pytest

from calf.cli.sources import Plan, destination, find_sources, refuse_damage, total_size
from calf.model.errors import InvalidArgument


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("d/b.txt", "d/a.txt", "d/sub/c.txt", "d/sub-2/x", "single"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def placed(names: list[str], plan: Plan) -> list[str]:
    return [source.path for source in find_sources(names, plan)]


@pytest.mark.parametrize(
    ("name", "path", "full", "alone", "target"),
    [
        ("x/a.txt", "", False, True, "/a.txt"),
        ("x/a.txt", "/b.txt", False, True, "/b.txt"),
        ("x/a.txt", "/dir/", False, True, "/dir/a.txt"),
        ("x/a.txt", "/dir", False, False, "/dir/a.txt"),
        ("x/a.txt", "", True, True, "/x/a.txt"),
        ("./x/a.txt", "/dir/", True, True, "/dir/x/a.txt"),
        ("/x/a.txt", "/b.txt", True, True, "/b.txt"),
        ("./.config/.env", "/dir/", True, True, "/dir/.config/.env"),
        ("../.env", "", True, True, "/.env"),
        ("https://example.org/x/a.txt", "", False, True, "/a.txt"),
        ("https://example.org/x/a.txt?key=1#part", "", False, True, "/a.txt"),
        ("s3://bucket/x/a.txt", "/dir/", True, True, "/dir/bucket/x/a.txt"),
        ("-", "/out", False, True, "/out"),
    ],
)
def test_destinations(name: str, path: str, full: bool, alone: bool, target: str) -> None:
    assert destination(name, Plan(path, full_path=full), alone=alone) == target


@pytest.mark.parametrize("path", ["", "/dir/"])
def test_standard_input_needs_a_name(path: str) -> None:
    with pytest.raises(click.UsageError, match="must specify filename when reading data from stdin"):
        destination("-", Plan(path), alone=True)


@pytest.mark.parametrize(
    ("path", "full", "paths"),
    [
        ("/", False, ["/a.txt", "/b.txt", "/sub/c.txt", "/sub-2/x"]),
        ("/to", False, ["/to/a.txt", "/to/b.txt", "/to/sub/c.txt", "/to/sub-2/x"]),
        ("", False, ["/d/a.txt", "/d/b.txt", "/d/sub/c.txt", "/d/sub-2/x"]),
        ("/to/", True, ["/to/d/a.txt", "/to/d/b.txt", "/to/d/sub/c.txt", "/to/d/sub-2/x"]),
    ],
)
def test_folders_are_walked(folder: Path, path: str, full: bool, paths: list[str]) -> None:
    assert sorted(placed(["d"], Plan(path, recursive=True, full_path=full))) == sorted(paths)


def test_a_folder_beside_other_sources_keeps_its_name(folder: Path) -> None:
    assert placed(["d/sub", "single"], Plan("/", recursive=True)) == ["/sub/c.txt", "/single"]


def test_folders_without_r_missing_files_and_pipes_are_refused(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(click.UsageError, match="put it with -r"):
        placed(["d"], Plan("/"))
    with pytest.raises(FileNotFoundError):
        placed(["nope"], Plan("/"))
    with pytest.raises(InvalidArgument, match="pipe is not a regular file"):
        placed(["pipe"], Plan("/"))


def test_archives_are_put_by_their_files(folder: Path) -> None:
    with tarfile.open("files.tgz", "w:gz") as tar:
        tar.add("d")
    (sources) = {source.path: source for source in find_sources(["files.tgz"], Plan("/in/", untar=True))}
    assert sorted(sources) == ["/in/d/a.txt", "/in/d/b.txt", "/in/d/sub-2/x", "/in/d/sub/c.txt"]
    assert placed(["files.tgz"], Plan("/in/")) == ["/in/files.tgz"]


def test_hidden_files_of_an_archive_stay_hidden(folder: Path) -> None:
    (folder / ".hidden").write_text("x")
    with tarfile.open("hidden.tar", "w") as tar:
        tar.add("./.hidden")
    assert placed(["hidden.tar"], Plan("/in/", untar=True)) == ["/in/.hidden"]


def archive(name: str, members: dict[str, bytes], mode: str = "w") -> bytes:
    with tarfile.open(name, mode) as tar:  # type: ignore[call-overload]  # its overloads want literals
        for member, data in members.items():
            info = tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return Path(name).read_bytes()


def put_all(name: str) -> dict[str, bytes]:
    found = {}
    with refuse_damage():
        for source in find_sources([name], Plan("/", untar=True)):
            assert source.open is not None
            found[source.path] = source.open().read()
    return found


def test_names_in_an_archive_stay_as_they_are_for_the_server_to_judge(folder: Path) -> None:
    archive("a.tar", {"../up": b"1", "/root": b"2", "./here": b"3", "a/../b": b"4"})
    assert put_all("a.tar") == {"/../up": b"1", "/root": b"2", "/here": b"3", "/a/../b": b"4"}


def test_only_the_files_of_an_archive_are_put(folder: Path) -> None:
    with tarfile.open("a.tar", "w") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo(f"m{kind!r}")
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        tar.add("single")
    assert put_all("a.tar") == {"/single": b"single"}


@pytest.mark.parametrize("name", ["a.tar", "a.tgz"])
def test_an_archive_that_breaks_off_or_is_damaged_is_refused(folder: Path, name: str) -> None:
    noise = random.Random(1).randbytes(3000)
    whole = archive(name, {"a": noise, "b": noise, "c": noise}, "w:gz" if name.endswith("gz") else "w")
    second = 512 + 3072 if name == "a.tar" else 1000
    ends = (0, 100, 600, second - 1, second + 10, second + 300, len(whole) // 2)
    damaged = whole[: second + 6] + b"\xff" * 20 + whole[second + 26 :]
    for broken in (*(whole[:end] for end in ends), damaged):
        Path(name).write_bytes(broken)
        with pytest.raises(InvalidArgument, match="an archive cannot be read: "):
            put_all(name)


def test_a_file_of_holes_in_a_small_archive_is_refused(folder: Path) -> None:
    info = tarfile.TarInfo("holes")
    info.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(1 << 40), "GNU.sparse.numblocks": "1"}
    info.size = 1
    with tarfile.open("a.tar", "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(InvalidArgument, match=f"holes would have {1 << 40} bytes"):
        put_all("a.tar")


def test_members_of_an_archive_do_not_gather_in_memory(folder: Path) -> None:
    archive("a.tgz", {str(number): b"" for number in range(1000)}, "w:gz")
    tracemalloc.start()
    try:
        count = sum(1 for _ in find_sources(["a.tgz"], Plan("/", untar=True)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (count, peak < 1 << 18) == (1000, True), peak


def test_the_total_is_known_for_local_files_only(folder: Path) -> None:
    assert total_size(["single", "d"]) == len("single" + "d/b.txt" + "d/a.txt" + "d/sub/c.txt" + "d/sub-2/x")
    assert total_size(["single", "-"]) is None
    assert total_size(["https://example.org/a"]) is None


@pytest.mark.parametrize(
    ("name", "target"),
    [("s3://bucket/photos", "/to/"), ("https://example.org/x/a.txt", "/to/a.txt")],
)
def test_a_url_of_an_object_store_is_a_folder_and_a_page_is_not(name: str, target: str) -> None:
    assert destination(name, Plan("/to/", recursive=True), alone=True) == target
