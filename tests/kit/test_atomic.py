from __future__ import annotations

import errno
from pathlib import Path

import pytest

from calf.kit.atomic import Draft, durable_rename, full_is_no_space, sync_dir, write_file
from calf.kit.errors import NoSpace


def test_a_written_file_replaces_the_old_one_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_file(path, b"one")
    write_file(path, b"two", mode=0o640)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_draft_is_readable_by_its_writer_and_gone_when_discarded(tmp_path: Path) -> None:
    draft = Draft(tmp_path / "d")
    draft.write(b"hello ")
    draft.write(memoryview(b"world"))
    assert (draft.read(6, 5), draft.size) == (b"world", 11)
    draft.discard()
    draft.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_published_draft_stays_when_discarded_afterwards(tmp_path: Path) -> None:
    draft = Draft(tmp_path / "d")
    draft.write(b"x")
    draft.sync()
    draft.publish(tmp_path / "f")
    sync_dir(tmp_path)
    draft.discard()
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_draft_never_takes_over_an_existing_file(tmp_path: Path) -> None:
    (tmp_path / "d").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        Draft(tmp_path / "d")
    assert (tmp_path / "d").read_bytes() == b"mine"


def test_folders_are_renamed_too(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    durable_rename(tmp_path / "a", tmp_path / "b")
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_no_space_and_names_the_folder(tmp_path: Path, number: int) -> None:
    with pytest.raises(NoSpace, match=str(tmp_path)), full_is_no_space(tmp_path):
        raise OSError(number, "full")


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), full_is_no_space(tmp_path):
        raise PermissionError(errno.EACCES, "no")
