"""Sweeps and backups keep each other out, across processes: a backup must find the packs it listed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calf.model.errors import Precondition

_NAME = "packs.lock"


@contextmanager
def keep_from_backups(packs: Path) -> Iterator[None]:
    """Hold the packs of a folder for a sweep. Raises `Precondition` while somebody copies them."""
    with _locked(packs, fcntl.LOCK_EX, "a backup of this data folder is being made"):
        yield


@contextmanager
def keep_from_sweeps(packs: Path) -> Iterator[None]:
    """See that no pack goes away; for any number at a time. Raises `Precondition` while a sweep goes on."""
    with _locked(packs, fcntl.LOCK_SH, "space is being given back in this data folder (`calf gc`)"):
        yield


@contextmanager
def _locked(packs: Path, kind: int, why: str) -> Iterator[None]:
    fd = os.open(packs.parent / _NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Precondition(why, "try again when that is done") from None
        yield
    finally:
        os.close(fd)
