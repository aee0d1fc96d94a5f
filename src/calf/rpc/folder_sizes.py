"""How large folders are, counted beside whoever asks: where there are many jobs that takes seconds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread

_MINUTE = 60.0
_PATIENCE = 0.1
"""Seconds that an answer waits for a count."""


class FolderSizes:
    """Bytes of the files in folders and below, counted at most once a minute; safe for several threads."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, count: Callable[[Path], int] | None = None
    ) -> None:
        self._clock, self._count = clock, count or size_of
        self._lock = Lock()
        self._known: dict[Path, tuple[float, int]] = {}
        self._counting: dict[Path, Thread] = {}

    def of(self, folder: Path) -> int | None:
        """What was counted last; None while that is done for the first time and takes long."""
        with self._lock:
            thread = self._counting.get(folder)
            last = self._known.get(folder)
            if thread is None and (last is None or self._clock() - last[0] >= _MINUTE):
                thread = Thread(target=self._look, args=(folder,), name="folder-size", daemon=True)
                self._counting[folder] = thread
                thread.start()
        if thread is not None:
            thread.join(_PATIENCE)
        with self._lock:
            last = self._known.get(folder)
        return None if last is None else last[1]

    def _look(self, folder: Path) -> None:
        begun = self._clock()
        try:
            size = self._count(folder)
        except OSError:
            size = None  # what was known stays
        with self._lock:
            del self._counting[folder]
            if size is not None:
                self._known[folder] = begun, size


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder and below; what goes meanwhile does not count."""
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    total += size_of(Path(entry.path))
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return total
    return total
