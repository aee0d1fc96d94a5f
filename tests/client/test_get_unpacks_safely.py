from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from calf.client.get import get_file, get_tree
from calf.model.errors import CalfError, IntegrityError, InvalidArgument
from calf.wire.messages import google, pfs

FILE = pfs.File(path="/")
TAR = "/pfs_v2.API/GetFileTAR"


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def tree(dial: Any, data: bytes, into: Path, piece: int = 700) -> int:
    def serve(_request: Any, _call: Any) -> Any:
        for start in range(0, len(data), piece):
            yield google.BytesValue(value=data[start : start + piece])

    return get_tree(dial({TAR: serve}), FILE, into)


def test_a_tree_is_unpacked_whatever_the_pieces(dial: Any, tmp_path: Path) -> None:
    files = {f"/d{n % 3}/{'long' * 40}/{n}": b"%d" % n * n for n in range(50)}
    data = archive(
        (member("/d0/", tarfile.DIRTYPE), b""), *((member(name), text) for name, text in files.items())
    )
    assert tree(dial, data, tmp_path) == 50
    found = {
        f"/{path.relative_to(tmp_path)}": path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert found == files


@pytest.mark.parametrize("name", ["../evil", "/a/../../evil", "a/..", "/./x"])
def test_names_that_lead_outside_are_refused(dial: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidArgument, match="outside"):
        tree(dial, archive((member(name), b"x")), tmp_path / "in")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_only_files_and_folders_are_made(dial: Any, tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(IntegrityError, match="neither a file nor a folder"):
        tree(dial, archive((member("/link", kind, "/etc/passwd"), b"")), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_stands_in_the_way_is_not_followed(dial: Any, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    into = tmp_path / "in"
    into.mkdir()
    (into / "a").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic link"):
        tree(dial, archive((member("/a"), b"theirs")), into)
    assert victim.read_text() == "mine"


def test_an_archive_that_breaks_off_is_an_error(dial: Any, tmp_path: Path) -> None:
    data = archive((member("/a"), b"x" * 5000))
    with pytest.raises(IntegrityError, match="in the middle"):
        tree(dial, data[:3000], tmp_path)


def test_a_file_comes_in_pieces_from_the_offset(dial: Any) -> None:
    def serve(request: Any, _call: Any) -> Any:
        for piece in (b"abc", b"", b"def"):
            yield google.BytesValue(value=piece[request.offset :])

    client = dial({"/pfs_v2.API/GetFile": serve})
    assert b"".join(get_file(client, FILE)) == b"abcdef"
    assert b"".join(get_file(client, FILE, offset=2)) == b"cf"


def test_errors_of_the_server_pass_through_the_unpacking(dial: Any, tmp_path: Path) -> None:
    def serve(_request: Any, _call: Any) -> Any:
        raise InvalidArgument("file /x not found in repo default/r at commit c")
        yield

    with pytest.raises(CalfError, match="not found in repo"):
        get_tree(dial({TAR: serve}), FILE, tmp_path)
