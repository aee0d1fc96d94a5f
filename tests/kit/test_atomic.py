from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from calf.kit.atomic import Draft, cannot_open, durable_rename, full_is_no_space, sync_dir, write_file
from calf.kit.errors import DiskFailed, NoSpace, TooManyFiles


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


def test_many_blobs_of_any_size_are_written_in_order(tmp_path: Path) -> None:
    blobs = [bytes([number % 251]) * (number % 5) for number in range(3000)]
    draft = Draft(tmp_path / "d")
    draft.write_all(blobs)
    draft.write_all([])
    draft.write_all([memoryview(b"x" * 100_000), b"end"])
    assert draft.size == sum(map(len, blobs)) + 100_003
    assert draft.read(0, draft.size) == b"".join(blobs) + b"x" * 100_000 + b"end"
    draft.discard()


@pytest.mark.parametrize("limit", [5000, 150_000])
def test_what_a_write_left_over_is_written_or_there_is_no_space(tmp_path: Path, limit: int) -> None:
    draft = Draft(tmp_path / "d")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(NoSpace):
            draft.write_all([b"a" * 4000, b"b" * 200_000])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert draft.size == limit
    draft.discard()


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


@pytest.fixture
def no_more_files() -> Iterator[int]:
    """As many files are open as may be: their number."""
    most, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = max(int(file.name) for file in Path("/proc/self/fd").iterdir()) + 8
    with ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (most, hard))
        while True:
            try:
                stack.callback(os.close, os.dup(1))
            except OSError:
                break
        yield few


def test_too_many_open_files_are_no_failing_disk_and_the_limit_is_named(
    tmp_path: Path, no_more_files: int
) -> None:
    with pytest.raises(TooManyFiles, match=f"this process has {no_more_files}, ") as caught:
        Draft(tmp_path / "d")
    assert "ulimit -Hn" in caught.value.hint
    assert isinstance(cannot_open("SQLite does not say why"), TooManyFiles)


def test_what_cannot_be_opened_while_files_can_is_a_matter_of_the_disk(tmp_path: Path) -> None:
    assert isinstance(cannot_open("why"), DiskFailed)
    with (
        pytest.raises(TooManyFiles, match=r"of this machine together .*fs\.file-max"),
        full_is_no_space(tmp_path),
    ):
        raise OSError(errno.ENFILE, os.strerror(errno.ENFILE))
