"""What a process prints: cut into lines, handed on up to a limit, and always drained."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

MAX_LINE = 16 * 1024
MAX_BYTES = 16 << 20
MAX_LINES = 500_000
_PIECE = 64 * 1024
_IN_PIPE = 1 << 20  # more than this a pipe does not hold

Watched = tuple[int, int]
"""A descriptor and the events of `poll` to wait for on it."""


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

    @property
    def watched(self) -> Watched:
        """The same, with what to wait for."""
        return self._fd, select.POLLIN

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


class Output:
    """A process's output, fed to a `Lines`, which may be exchanged; read by who waits for the process.

    What the taker of lines raises comes through once; then the rest is forgotten, so that whoever ends the
    process by it gets to the end.
    """

    def __init__(self, stream: BinaryIO, lines: Lines) -> None:
        self._stream = stream
        self._lines = lines
        self._open = True
        os.set_blocking(stream.fileno(), False)

    @property
    def watched(self) -> Iterable[Watched]:
        """What to poll on; nothing once nothing more can come."""
        return ((self._stream.fileno(), select.POLLIN),) if self._open else ()

    def read(self) -> None:
        """Hand on what is there, at most a pipe full."""
        left = _IN_PIPE
        while self._open and left > 0:
            try:
                piece = os.read(self._stream.fileno(), _PIECE)
            except BlockingIOError:
                return
            self._open = bool(piece)
            left -= len(piece)
            with self._raising_once():
                self._lines.feed(piece)

    def hand_over(self, then: Lines) -> None:
        """Have everything handed on that was printed so far; what comes after goes to `then`."""
        try:
            self.read()
            self._flush()
        finally:
            self._lines = then

    def forget(self) -> None:
        """Have everything handed on that was printed so far, and nothing of what comes."""
        self.hand_over(Lines(_forget))

    def finish(self) -> None:
        """Take in what is there, not waiting for who still holds the other end, and close."""
        try:
            self.read()
            self._flush()
        finally:
            self._open = False
            self._stream.close()

    def _flush(self) -> None:
        with self._raising_once():
            self._lines.flush()

    @contextmanager
    def _raising_once(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._lines = Lines(_forget)
            raise


def _forget(_line: str) -> None:
    return
