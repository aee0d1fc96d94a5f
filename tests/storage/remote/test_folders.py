"""Folders of this machine: those that the owner opened, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from calf.model.errors import Denied, InvalidArgument, NotFound
from calf.storage.remote import RemoteFile, Remotes


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


def test_what_is_written_is_listed_and_read(shared: Path) -> None:
    place = Remotes(folders=(shared,)).open(f"file://{shared}/new")
    assert list(place.list()) == []
    place.write("a/b c.txt", [b"one", b"two"])
    place.write("a/b c.txt", [b"three"])
    assert list(place.list()) == [RemoteFile("a/b c.txt", 5)]
    assert b"".join(place.read("a/b c.txt")) == b"three"
    assert b"".join(Remotes(folders=(shared,)).open(f"{shared}/new/a/b c.txt").read()) == b"three"
    assert b"".join(Remotes(folders=(shared,)).open(f"file://{shared}/new/a/b%20c.txt").read()) == b"three"


def test_nothing_is_open_unless_the_owner_says_so(shared: Path) -> None:
    with pytest.raises(Denied, match="in no folder that this server opens") as caught:
        Remotes().open(f"file://{shared}/x")
    assert "calf up --folder DIR` (or CALF_FOLDERS)" in caught.value.message


@pytest.mark.parametrize("path", ["..", "../other", "link", "link/x", "shared-too"])
def test_neither_dots_nor_links_lead_outside(shared: Path, path: str) -> None:
    (shared / "link").symlink_to(shared.parent)
    with pytest.raises(Denied):
        Remotes(folders=(shared,)).open(
            f"file://{shared}/{path}" if path != "shared-too" else f"{shared}-too"
        )


def test_links_to_files_inside_are_read_and_those_outside_passed_by(shared: Path) -> None:
    (shared / "real").write_bytes(b"x")
    (shared.parent / "secret").write_bytes(b"y")
    (shared / "inside").symlink_to(shared / "real")
    (shared / "outside").symlink_to(shared.parent / "secret")
    place = Remotes(folders=(shared,)).open(str(shared))
    assert [file.name for file in place.list()] == ["inside", "real"]
    with pytest.raises(Denied):
        list(place.read("outside"))
    with pytest.raises(Denied):
        place.write("outside", [b"z"])


def test_the_server_s_own_folder_stays_shut(shared: Path) -> None:
    (shared / "data").mkdir()
    (shared / "data" / "rows").write_bytes(b"x")
    place = Remotes(folders=(shared,), closed=(shared / "data",)).open(str(shared))
    assert list(place.list()) == []
    with pytest.raises(Denied, match="the server's own"):
        place.write("data/rows", [b"y"])


def test_a_source_that_breaks_off_leaves_the_old_file(shared: Path) -> None:
    (shared / "x").write_bytes(b"old")

    def pieces():
        yield b"new"
        raise NotFound("the source is gone")

    with pytest.raises(NotFound, match="the source is gone"):
        Remotes(folders=(shared,)).open(str(shared)).write("x", pieces())
    assert {path.name: path.read_bytes() for path in shared.iterdir()} == {"x": b"old"}


def test_what_is_no_file_is_not_found(shared: Path) -> None:
    for path in ("nothing", ""):
        with pytest.raises(NotFound, match="does not exist"):
            list(Remotes(folders=(shared,)).open(f"{shared}/{path}").read())


def test_a_file_in_the_way_of_a_folder_is_told(shared: Path) -> None:
    (shared / "x").write_bytes(b"")
    with pytest.raises(Denied, match=r"may not open .*x/y"):
        Remotes(folders=(shared,)).open(str(shared)).write("x/y", [b""])


def test_another_machine_s_files_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="names the machine host"):
        Remotes().open("file://host/x")


def test_a_file_does_not_take_the_place_of_a_folder_and_leaves_no_draft(shared: Path) -> None:
    (shared / "a").mkdir()
    with pytest.raises(Denied, match="Is a directory"):
        Remotes(folders=(shared,)).open(str(shared)).write("a", [b"x"])
    assert [path.name for path in shared.iterdir()] == ["a"]


@pytest.mark.parametrize("rest", ["a\0b", "a%00b"])
def test_a_path_has_no_nul(shared: Path, rest: str) -> None:
    with pytest.raises(InvalidArgument, match="NUL"):
        Remotes(folders=(shared,)).open(f"file://{shared}/{rest}")


def test_a_name_too_long_for_the_machine_is_said(shared: Path) -> None:
    with pytest.raises(Denied, match="File name too long"):
        Remotes(folders=(shared,)).open(str(shared)).write("x" * 300 + "/y", [b"x"])
