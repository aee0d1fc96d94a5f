"""One file of a log: lines are added at its end, up to a limit."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO

_COUNT_DIGITS = 12
_NOTE = re.compile(rb"\S+ E the log is full: (\d{12}) later lines were not kept\n")
_NOTE_ROOM = 128


class LogFile:
    """One open log: knows its size, and how many lines were dropped once it is full."""

    def __init__(self, path: Path, cap: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("r+b" if path.exists() else "w+b", buffering=0)
        self._cap = cap
        self._size = self._file.seek(0, os.SEEK_END)
        self._dropped = 0
        self._note_at: int | None = None
        self._recover()

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        return self._size

    def write(self, at: str, data: bytes) -> None:
        """Add a line; once the log is full, the last one counts what was dropped."""
        if self._note_at is None and self._size + len(data) <= self._cap:
            self._append(data)
            return
        if self._note_at is None:
            self._note_at = self._size
        self._dropped += 1
        count = f"{self._dropped:0{_COUNT_DIGITS}d}"
        note = f"{at} E the log is full: {count} later lines were not kept\n"
        os.pwrite(self._file.fileno(), note.encode(), self._note_at)

    def close(self) -> None:
        """Give the descriptor back."""
        self._file.close()

    def _append(self, data: bytes) -> None:
        """All of a line, or nothing of it when the disk is full."""
        done = 0
        try:
            while done < len(data):
                done += self._file.write(data[done:]) or 0
        except OSError:
            self._file.truncate(self._size)
            self._file.seek(self._size)
            raise
        self._size += len(data)

    def _recover(self) -> None:
        self._file.seek(max(0, self._size - _NOTE_ROOM))
        last = self._file.read().splitlines(keepends=True)[-1:]
        self._file.seek(0, os.SEEK_END)
        if last and not last[0].endswith(b"\n"):
            self._size += self._file.write(b"\n") or 0
        elif last and (found := _NOTE.fullmatch(last[0])):
            self._dropped = int(found[1])
            self._note_at = self._size - len(last[0])
