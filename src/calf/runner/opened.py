"""Tells which files of some folders were opened: the kernel's inotify, of which we need one kind of event."""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

_IN_OPEN, _IN_Q_OVERFLOW = 0x20, 0x4000
_EVENT = struct.Struct("iIII")  # watch, mask, cookie, length of the name that follows
_BUFFER = 64 * 1024
_LIBC = ctypes.CDLL(None, use_errno=True)


class Opened:
    """News of opened files, for a poll loop. Where the kernel has no watch left to give, there is no news."""

    def __init__(self) -> None:
        self.fd: int = _LIBC.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        """What to poll on; -1 when there is nothing to wait for."""
        self._folders: dict[int, Path] = {}

    def watch(self, folder: Path) -> bool:
        """Have news of the files right below `folder`; False when there will be none."""
        watch = _LIBC.inotify_add_watch(self.fd, os.fsencode(folder), _IN_OPEN) if self.fd >= 0 else -1
        if watch >= 0:
            self._folders[watch] = folder
        return bool(watch >= 0)

    def read(self) -> set[Path] | None:
        """What was opened since the last call; None when that was too much to remember."""
        found: set[Path] = set()
        while True:
            try:
                news = os.read(self.fd, _BUFFER)
            except BlockingIOError:
                return found
            while news:
                watch, mask, _, length = _EVENT.unpack_from(news)
                name, news = news[_EVENT.size : _EVENT.size + length], news[_EVENT.size + length :]
                if mask & _IN_Q_OVERFLOW:
                    return None
                if watch in self._folders and length:
                    found.add(self._folders[watch] / os.fsdecode(name.rstrip(b"\0")))

    def close(self) -> None:
        """Forget all folders."""
        if self.fd >= 0:
            os.close(self.fd)
