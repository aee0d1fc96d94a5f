"""SQLite's write-ahead log is begun anew in time, also when somebody reads at every moment.

SQLite itself begins it anew only when a commit meets nobody who reads; under load there always is somebody,
and the log grows without end. Here the writer waits for those who read now: who comes meanwhile reads the
database alone, so this ends as soon as they do.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

_LONG = 16 << 20
"""Bytes from which on the log is begun anew. By itself SQLite does so from 4 MiB on, when nobody reads."""
_STEP = 4 << 20
"""Bytes that are written before it is tried again."""
_PATIENCE = 0.1
"""Seconds for which writers wait for readers at that."""


class LogSize:
    """Keeps the log of one writing connection short; to be used under the lock for writing only."""

    def __init__(self, writer: sqlite3.Connection, metadata: Path) -> None:
        self._writer = writer
        self._log = metadata.with_name(f"{metadata.name}-wal")
        self._most = _LONG
        writer.execute(f"PRAGMA journal_size_limit = {_LONG}")  # it is cut off where a reader made it longer
        ((self._usual,),) = writer.execute("PRAGMA busy_timeout").fetchall()

    def keep(self) -> None:
        """Begin the log anew if it is long; where a reader stays too long, try again when it is longer.

        Never fails: what was committed before is durable, and stays in the log if it cannot leave it.
        """
        with suppress(OSError, sqlite3.Error):
            if (size := self._log.stat().st_size) < self._most:
                return
            self._most = size + _STEP
            if self._begun_anew():
                self._most = _LONG

    def _begun_anew(self) -> bool:
        self._writer.execute(f"PRAGMA busy_timeout = {int(_PATIENCE * 1000)}")
        try:
            ((busy, _, _),) = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return not busy
        finally:
            self._writer.execute(f"PRAGMA busy_timeout = {self._usual}")
