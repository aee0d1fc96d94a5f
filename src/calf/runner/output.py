"""What a process prints: read by a thread, cut into lines, handed on up to a limit, and always drained."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

MAX_LINE = 16 * 1024
MAX_BYTES = 16 << 20
MAX_LINES = 500_000
_PIECE = 64 * 1024
_SETTLE = 0.5
_IN_PIPE = 1 << 20  # more than this a pipe does not hold


class Lines:
    """Takes bytes and hands lines to `on_line`, up to a limit, unless `endless`; the rest is counted and
    forgotten.
    """

    def __init__(self, on_line: Callable[[str], None], endless: bool = False) -> None:
        self._on_line = on_line
        self._endless = endless
        self._rest = b""
        self._bytes = 0
        self._lines = 0
        self.dropped = 0
        """Bytes that went over the limit."""

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        if not self._endless and (self._bytes >= MAX_BYTES or self._lines >= MAX_LINES):
            self.dropped += len(piece)
            return
        self._bytes += len(piece)
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._emit(line)
        while len(self._rest) > MAX_LINE:
            self._emit(self._rest[:MAX_LINE])
            self._rest = self._rest[MAX_LINE:]

    def flush(self) -> None:
        """Hand on what has no newline yet."""
        if self._rest:
            self._emit(self._rest)
            self._rest = b""

    def _emit(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        for start in range(0, max(len(text), 1), MAX_LINE):
            self._lines += 1
            self._on_line(text[start : start + MAX_LINE])


class Wake:
    """A bell that other threads ring to end a wait; stays rung until `clear`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    @property
    def fd(self) -> int:
        """What to poll on."""
        return self._fd

    def ring(self) -> None:
        """End the wait, now or the next one; harmless after `close`."""
        with self._lock:
            if self._fd >= 0:
                os.eventfd_write(self._fd, 1)

    def clear(self) -> None:
        """Forget past rings."""
        with self._lock:
            if self._fd >= 0:
                with suppress(BlockingIOError):  # it was not rung
                    os.eventfd_read(self._fd)

    def close(self) -> None:
        """Give the descriptor back; a second call does nothing."""
        with self._lock:
            fd, self._fd = self._fd, -1
            if fd >= 0:
                os.close(fd)


class Reader:
    """Reads a process's output in a thread of its own and feeds it to a `Lines`, which may be exchanged."""

    def __init__(self, stream: BinaryIO, lines: Lines) -> None:
        self._stream = stream
        self._lines = lines
        self._lock = threading.Lock()
        self._wake = Wake()
        self._ending = False
        self._settled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="calf-output", daemon=True)
        self._thread.start()

    def settle(self, then: Lines | None = None) -> None:
        """Have everything handed on that was printed so far; what comes after goes to `then`, if given."""
        self._settled.clear()
        self._wake.ring()
        while self._thread.is_alive() and not self._settled.wait(_SETTLE):
            pass
        with self._lock:
            self._lines.flush()
            self._lines = then or self._lines

    def finish(self) -> None:
        """Take in what is there, not waiting for who still holds the other end, and close."""
        self._ending = True
        self._wake.ring()
        self._thread.join()
        self._lines.flush()
        self._wake.close()

    def _run(self) -> None:
        fd = self._stream.fileno()
        os.set_blocking(fd, False)
        poller = select.poll()
        poller.register(fd, select.POLLIN)
        poller.register(self._wake.fd, select.POLLIN)
        with self._stream:
            more = True
            while more:
                asked = any(ready == self._wake.fd for ready, _ in poller.poll())
                ending = self._ending
                more = self._drain(fd) and not ending
                if asked:
                    self._wake.clear()
                    self._settled.set()
        self._settled.set()

    def _drain(self, fd: int) -> bool:
        """Hand on what is there, at most a pipe full; False when nothing more can come."""
        left = _IN_PIPE
        while left > 0:
            try:
                piece = os.read(fd, _PIECE)
            except BlockingIOError:
                return True
            if not piece:
                return False
            left -= len(piece)
            with self._lock:
                self._lines.feed(piece)
        return True
