"""Locks between processes: one server per data folder, and files that are held for a while."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from calf.kit.atomic import full_is_no_space
from calf.kit.errors import Locked, Precondition

_WHOLE_FILE = struct.Struct("hhqqi")
# An open file description's lock: dies with its process, and can be asked for without being taken.
_SET, _ASK = 37, 36


class FolderLock:
    """An exclusive lock on a folder that dies with its process, so nothing is left to clean after a crash."""

    def __init__(self, folder: Path) -> None:
        """Take the lock, or raise `Locked`, naming the process that has it; `NoSpace` and `DiskFailed`."""
        self._path = folder / "lock"
        with full_is_no_space(folder):
            self._fd = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.fcntl(self._fd, _SET, _request(fcntl.F_WRLCK))
        except BlockingIOError:
            owner = _owner(self._fd)
            self.release()
            raise Locked(
                f"{folder} is in use by another server (process {owner or 'unknown'})",
                "stop it with `calf down`, or set CALF_HOME to another folder",
            ) from None
        try:
            with full_is_no_space(folder):
                os.ftruncate(self._fd, 0)
                os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
        except BaseException:
            self.release()
            raise

    @staticmethod
    def holder(folder: Path) -> int | None:
        """The process that holds the lock (0: it has not said yet), None when nobody does; takes nothing."""
        try:
            fd = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            kind, *_ = _WHOLE_FILE.unpack(fcntl.fcntl(fd, _ASK, _request(fcntl.F_WRLCK)))
            return None if kind == fcntl.F_UNLCK else _owner(fd)
        finally:
            os.close(fd)

    def is_ours(self) -> bool:
        """Whether the folder is still the one that was locked, and not removed, moved or made anew."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._fd))
        except (FileNotFoundError, NotADirectoryError):
            return False

    def release(self) -> None:
        """Let others have the folder; a second call does nothing."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


@contextmanager
def hold_file(path: Path, *, shared: bool = False, busy: str = "") -> Iterator[None]:
    """Hold the file `path`, made if need be, alone or with others who share it; it dies with its process.

    Waits for its turn; with `busy`, raises `Precondition` in these words instead.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB if busy else kind)
        except BlockingIOError:
            raise Precondition(busy, "try again when that is done") from None
        yield
    finally:
        os.close(fd)


def _request(kind: int) -> bytes:
    return _WHOLE_FILE.pack(kind, os.SEEK_SET, 0, 0, 0)


def _owner(fd: int) -> int:
    text = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdigit() else 0
