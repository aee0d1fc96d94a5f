"""Whatever a stage left behind is removed, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from calf.runner.workspace import Workspaces, empty, remove_tree

DEEPER_THAN_RECURSION = 1100


def test_tree_deeper_than_recursion_and_paths_is_emptied(tmp_path: Path) -> None:
    top = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else tmp_path  # there, removing folders is quick
    top = top / f"calf-test-{os.getpid()}"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(DEEPER_THAN_RECURSION):
        os.mkdir("d" * 100, dir_fd=here)
        inner = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    empty(top)
    assert list(top.iterdir()) == []
    top.rmdir()


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    (tmp_path / "top" / "d").mkdir(parents=True)
    (tmp_path / "top" / "link").symlink_to(outside)
    (tmp_path / "top" / "d" / "link").symlink_to(outside)
    remove_tree(tmp_path / "top")
    assert not (tmp_path / "top").exists()
    assert outside.stat().st_mode & 0o777 == 0o500


@pytest.mark.parametrize("kind", ["file", "link", "missing"])
def test_remove_tree_takes_anything(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "x"
    if kind == "file":
        place.write_text("")
    if kind == "link":
        place.symlink_to(tmp_path)
    remove_tree(place)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_server_left_is_swept(tmp_path: Path) -> None:
    left = Workspaces(tmp_path / "work").make()
    (left.out / "f").write_text("half")
    after = Workspaces(tmp_path / "work")
    after.sweep()
    assert after.names() == []
    assert after.make().root.name == "1"
