"""Sweeps and backups keep each other out, across processes: a backup must find the packs it listed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from calf.kit.lock import hold_file

_NAME = "packs.lock"


def keep_from_backups(packs: Path) -> AbstractContextManager[None]:
    """Hold the packs of a folder for a sweep. Raises `Precondition` while somebody copies them."""
    return hold_file(packs.parent / _NAME, busy="a backup of this data folder is being made")


def keep_from_sweeps(packs: Path) -> AbstractContextManager[None]:
    """See that no pack goes away; for any number at a time. Raises `Precondition` while a sweep goes on."""
    busy = "space is being given back in this data folder (`calf gc`)"
    return hold_file(packs.parent / _NAME, shared=True, busy=busy)
