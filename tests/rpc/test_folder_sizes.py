"""Sizes of folders: no answer waits for a long count."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from calf.rpc.folder_sizes import FolderSizes


def test_the_files_below_count_and_are_counted_again_after_a_minute(tmp_path: Path) -> None:
    now = [100.0]
    sizes = FolderSizes(lambda: now[0])
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/one").write_bytes(b"123")
    (tmp_path / "a/link").symlink_to(tmp_path / "a/b", target_is_directory=True)
    link = (tmp_path / "a/link").lstat().st_size
    assert sizes.of(tmp_path / "none") == 0
    assert sizes.of(tmp_path) == 3 + link
    (tmp_path / "two").write_bytes(b"4567")
    now[0] += 59
    assert sizes.of(tmp_path) == 3 + link
    now[0] += 1
    assert sizes.of(tmp_path) == 7 + link


def test_while_a_long_count_goes_on_what_was_known_is_told(tmp_path: Path) -> None:
    now, goes_on, counted = [0.0], Event(), [5, 6]

    def count(_folder: Path) -> int:
        assert goes_on.wait(20)
        return counted.pop(0)

    sizes = FolderSizes(lambda: now[0], count)
    assert sizes.of(tmp_path) is None
    goes_on.set()
    assert _at_last(sizes, tmp_path, 5)
    goes_on.clear()
    now[0] = 61.0
    assert sizes.of(tmp_path) == sizes.of(tmp_path) == 5
    goes_on.set()
    assert _at_last(sizes, tmp_path, 6)
    assert not counted


def _at_last(sizes: FolderSizes, folder: Path, size: int) -> bool:
    return any(sizes.of(folder) == size for _ in range(200))
