"""What is in an image as it lies on the disk now: a statement must not repeat what was once true."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

from calf.runner.images.packages import locked_packages

Stamp = tuple[str, int, int, int, int]
"""What changes when a file does; its last number is set by the kernel, not by who writes to the file."""


@dataclass(slots=True)
class Inventory:
    """Looks at files, and again only after they were touched.

    Safe for several threads: they may do the same work twice.
    """

    _digests: dict[Path, tuple[list[Stamp], dict[str, str]]] = field(default_factory=dict)
    _packages: dict[Path, tuple[Stamp, tuple[str, ...]]] = field(default_factory=dict)

    def digests(self, folder: Path) -> dict[str, str]:
        """The BLAKE3 (hex) of every file below a folder, by path with a slash before it."""
        stamps = sorted(_stamps(str(folder), ""))
        known = self._digests.get(folder)
        if known is None or known[0] != stamps:
            digests = {path: blake3((folder / path[1:]).read_bytes()).hexdigest() for path, *_ in stamps}
            known = self._digests[folder] = stamps, digests
        return known[1]

    def packages(self, lock: Path) -> tuple[str, ...]:
        """The packages that a lock names."""
        stamp = _stamp("", lock.stat())
        known = self._packages.get(lock)
        if known is None or known[0] != stamp:
            known = self._packages[lock] = stamp, locked_packages(lock.read_text())
        return known[1]


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
