"""How much of the disk a stage has taken while it runs: looked up in what may change under our eyes.

Folders are opened one by one below handles and nothing is followed. What cannot be seen is not counted here
and found by its absence: `disk` looks at the free space as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from calf.runner.open_below import open_entry

DEEPEST = 200
"""Folders; no output may be half as deep, and what lies deeper is not looked for."""
_BLOCK = 512
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_Seen = set[tuple[int, int]]


def used_below(*folders: Path) -> int:
    """Bytes of the disk that files below take; one with several names counts once, a hole not at all."""
    seen: _Seen = set()
    total = 0
    for folder in folders:
        with suppress(FileNotFoundError):
            total += sum(_sizes(open_entry(str(folder), None, _FOLDER), seen, DEEPEST))
    return total


def used_by_nameless(out: Path) -> int:
    """Bytes of files that have lost their names, kept open by sandboxed processes that have `out` for theirs.

    It asks `/proc`, so it is not for every day; who may not be asked is passed over.
    """
    try:
        own = out.stat()
    except FileNotFoundError:  # its worker has left by now
        return 0
    seen: _Seen = set()
    return sum(
        _count(found, seen)
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and _sees(process, own)
        for found in _opened(process)
        if found.st_nlink == 0 and found.st_dev == own.st_dev
    )


def _sizes(folder: int, seen: _Seen, depth: int) -> Iterator[int]:
    """What lies in an open folder, which is closed at the end."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(OSError):  # it is gone by now, or another thing
                    yield _count(entry.stat(follow_symlinks=False), seen)
                    if depth and entry.is_dir(follow_symlinks=False):
                        yield from _sizes(open_entry(entry.name, folder, _FOLDER), seen, depth - 1)
    finally:
        os.close(folder)


def _count(found: os.stat_result, seen: _Seen) -> int:
    key = (found.st_dev, found.st_ino)
    if key in seen:
        return 0
    if found.st_nlink != 1:
        seen.add(key)
    return found.st_blocks * _BLOCK


def _sees(process: Path, own: os.stat_result) -> bool:
    try:
        return os.path.samestat((process / "root/pfs/out").stat(), own)
    except OSError:
        return False


def _opened(process: Path) -> Iterator[os.stat_result]:
    with suppress(OSError):
        for handle in (process / "fd").iterdir():
            with suppress(OSError):
                yield handle.stat()
