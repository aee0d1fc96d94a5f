"""What our own server sends of a tree, made below a folder."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import pytest

from calf.client.new_file import new_file
from calf.client.unpacking import unpack_files
from calf.model.errors import CalfError
from calf.wire.messages import calf


def small(**files: bytes) -> Any:
    return named([(f"/d/{name}", data) for name, data in files.items()])


def named(files: list[tuple[str, bytes]]) -> Any:
    paths, datas = [path for path, _ in files], [data for _, data in files]
    return calf.GetFilesResponse(files={"paths": paths, "sizes": map(len, datas), "data": b"".join(datas)})


def test_folders_small_and_large_files_are_made(tmp_path: Path) -> None:
    told: list[int] = []
    stream = [
        calf.GetFilesResponse(folder="/d/"),
        small(a=b"1", b=b"", c=b"333"),
        calf.GetFilesResponse(folder="/empty/"),
        calf.GetFilesResponse(path="/big", piece=b"x" * 1000),
        calf.GetFilesResponse(piece=b"y"),
        calf.GetFilesResponse(path="/next", piece=b"z"),
    ]
    (tmp_path / "next").write_text("longer than before")
    assert unpack_files(stream, tmp_path, told.append) == 5
    assert (tmp_path / "big").read_bytes() == b"x" * 1000 + b"y"
    assert (tmp_path / "next").read_bytes() == b"z"
    assert {path.name: path.read_bytes() for path in (tmp_path / "d").iterdir()} == {
        "a": b"1",
        "b": b"",
        "c": b"333",
    }
    assert (tmp_path / "empty").is_dir()
    assert sum(told) == 1006


@pytest.mark.parametrize(
    "part",
    [
        named([("/../out", b"x")]),
        named([("/d/..", b"x")]),
        named([("/", b"x")]),
        calf.GetFilesResponse(path="/a/../../out", piece=b"x"),
        calf.GetFilesResponse(folder="/../out/"),
        calf.GetFilesResponse(piece=b"x"),
        calf.GetFilesResponse(files={"paths": ["/a"], "sizes": [3], "data": b"x"}),
        calf.GetFilesResponse(files={"paths": ["/a", "/b"], "sizes": [-1, 2], "data": b"x"}),
    ],
)
def test_nothing_is_made_elsewhere_whatever_a_server_sends(part: Any, tmp_path: Path) -> None:
    into = tmp_path / "into"
    with pytest.raises(CalfError):
        unpack_files([part], into, lambda _size: None)
    assert {path.name for path in tmp_path.iterdir()} <= {"into"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic links"):
        unpack_files([small(a=b"x")], tmp_path, lambda _size: None)
    assert not (tmp_path / "victim").exists()


def test_what_breaks_off_leaves_the_files_that_were_there(tmp_path: Path) -> None:
    def stream() -> Any:
        yield calf.GetFilesResponse(path="/whole", piece=b"all of it")
        yield calf.GetFilesResponse(path="/big", piece=b"x" * 1000)
        raise KeyboardInterrupt

    for name in ("big", "whole"):
        (tmp_path / name).write_text("before")
        (tmp_path / name).chmod(0o640)
    with pytest.raises(KeyboardInterrupt):
        unpack_files(stream(), tmp_path, lambda _size: None)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "big": b"before",
        "whole": b"all of it",
    }
    assert (tmp_path / "whole").stat().st_mode & 0o777 == 0o640


def test_small_files_that_cannot_be_written_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "old").write_text("before")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))
        for name in ("new", "old"):
            with pytest.raises(OSError, match="File too large"):
                unpack_files([small(**{name: b"x" * 200})], tmp_path, lambda _size: None)
        with pytest.raises(OSError, match=r"File too large: .*/d/old"), new_file(tmp_path / "d/old") as file:
            file.write(b"x" * 200)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert {path.name: path.read_text() for path in (tmp_path / "d").iterdir()} == {"old": "before"}
