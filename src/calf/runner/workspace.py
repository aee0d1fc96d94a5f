"""The private folder of a worker, and how to get rid of whatever a stage left in it.

A stage owns what it makes, so it may take its own rights away, nest folders deeper than paths are long, or
fill a folder with links. Removal holds one folder open at a time, follows nothing, and is not recursive.
"""

from __future__ import annotations

import itertools
import os
import uuid
from pathlib import Path

from calf.runner.open_below import open_entry, unlock

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Workspace:
    """The folders of one worker, on this machine's side."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pfs = root / "pfs"
        """What the stage sees as `/pfs`."""
        self.out = self.pfs / "out"
        """What it sees as `/pfs/out`, and may write."""
        self.tmp = root / "tmp"
        """What it sees as `/tmp`, and may write."""
        self.api = root / "api"
        """Where the worker API's sockets are."""
        self.plan = root / "plan"
        """Where the backend keeps its files."""

    def make(self) -> None:
        """Make the folders."""
        for folder in (self.root, self.pfs, self.out, self.tmp, self.api, self.plan):
            folder.mkdir(mode=0o700)

    def remove(self) -> None:
        """Remove everything; harmless when it is gone already."""
        remove_tree(self.root)


class Workspaces:
    """Makes workspaces below `root`, which belongs to one server."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._numbers = itertools.count(1)
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def make(self) -> Workspace:
        """A fresh one."""
        workspace = Workspace(self._root / str(next(self._numbers)))
        workspace.make()
        return workspace

    def names(self) -> list[str]:
        """Those that are there."""
        return sorted(path.name for path in self._root.iterdir())

    def sweep(self) -> None:
        """Remove what a killed server left."""
        for left in self._root.iterdir():
            remove_tree(left)


def remove_tree(path: Path) -> None:
    """Remove a folder and all below it, whatever it is; harmless when it is gone."""
    if path.is_dir() and not path.is_symlink():
        path.chmod(0o700)
        empty(path)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def empty(path: Path | str) -> None:
    """Remove all that is in a folder, but not the folder itself, which may be mounted elsewhere.

    Folders are moved up to the top and emptied there one by one, so depth costs nothing. Raises `OSError`
    when somebody goes on writing meanwhile.
    """
    top = open_entry(str(path), None, _FOLDER)
    try:
        os.fchmod(top, 0o700)
        pending = _clear(top, top)
        while pending:
            name = pending.pop()
            folder = os.open(name, _FOLDER, dir_fd=top)
            try:
                pending += _clear(folder, top)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)


def _clear(folder: int, top: int) -> list[str]:
    """Remove what is not a folder, and have the folders at the top; their names there."""
    moved: list[str] = []
    with os.scandir(folder) as entries:
        found = list(entries)
    for entry in found:
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.name, dir_fd=folder)
            continue
        if entry.stat(follow_symlinks=False).st_mode & 0o700 != 0o700:
            unlock(entry.name, folder)
        name = entry.name
        if folder != top:
            name = f".removing-{uuid.uuid4().hex}"
            os.rename(entry.name, name, src_dir_fd=folder, dst_dir_fd=top)
        moved.append(name)
    return moved
