"""What is in an image as it lies on the disk now: a statement must not repeat what was once true."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

from calf.runner.images.identity import Mark
from calf.runner.images.packages import locked_packages

Stamp = tuple[str, int, int, int, int]
"""What changes when a file does; its last number is set by the kernel, not by who writes to the file."""


@dataclass(frozen=True, slots=True)
class Found:
    """The files of an image as they lie there: the BLAKE3 (hex) by place, and what counts for its digest."""

    digests: dict[str, str]
    marks: tuple[Mark, ...]


@dataclass(slots=True)
class Inventory:
    """Looks at files, and again only after they were touched.

    Safe for several threads: they may do the same work twice.
    """

    _files: dict[Path, tuple[list[Stamp], Found]] = field(default_factory=dict)
    _packages: dict[Path, tuple[Stamp, tuple[str, ...]]] = field(default_factory=dict)
    _judged: dict[str, tuple[list[Stamp], str]] = field(default_factory=dict)

    def files(self, folder: Path) -> Found:
        """Every file below a folder, by path with a slash before it."""
        stamps = sorted(_stamps(str(folder), ""))
        known = self._files.get(folder)
        if known is None or known[0] != stamps:
            known = self._files[folder] = stamps, _read(folder, [path for path, *_ in stamps])
        return known[1]

    def judged(self, digest: str, tree: Path, others: tuple[Path, ...], judge: Callable[[], str]) -> str:
        """What `judge` says of an image, asked again only after its files below `tree`, or `others`, changed.

        `others` are files or folders of which only what a folder holds counts, not what is in that.
        """
        stamps = sorted(_stamps(str(tree), ""))
        stamps += [_stamp(str(path), path.stat()) for path in others if path.exists()]
        known = self._judged.get(digest)
        if known is None or known[0] != stamps:
            known = self._judged[digest] = stamps, judge()
        return known[1]

    def packages(self, lock: Path) -> tuple[str, ...]:
        """The packages that a lock names."""
        stamp = _stamp("", lock.stat())
        known = self._packages.get(lock)
        if known is None or known[0] != stamp:
            known = self._packages[lock] = stamp, locked_packages(lock.read_text())
        return known[1]


def _read(folder: Path, places: list[str]) -> Found:
    digests, marks = {}, []
    for place in places:
        path = folder / place[1:]
        data = path.read_bytes() if path.is_file() else b""
        digests[place] = blake3(data).hexdigest()
        marks.append(Mark(place, os.access(path, os.X_OK), hashlib.sha256(data).hexdigest()))
    return Found(digests, tuple(marks))


def _stamps(folder: str, below: str) -> Iterator[Stamp]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{below}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _stamps(entry.path, path)
            else:
                yield _stamp(path, entry.stat(follow_symlinks=False))


def _stamp(path: str, seen: os.stat_result) -> Stamp:
    return path, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns
