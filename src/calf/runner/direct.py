"""The short way for a batching stage to ask for its datums: a socket that the worker's own thread answers.

gRPC through the relay takes six threads in two processes for each question; this takes none. Both sides send
messages of a length (four bytes, big-endian) and as many bytes: the stage what was wrong with the datum that
its question ends (nothing, when it is well), we `NAME=value` lines with a zero byte between them. The end of
the connection is the end of the set. Danger: the other side is the stage, which may send anything at all.
"""

from __future__ import annotations

import select
import socket
from pathlib import Path

from calf.runner.output import Watched

LONGEST = 1 << 20
"""Bytes that an error may have; who sends more is hung up on."""
_LENGTH = 4
_PIECE = 64 * 1024


class DirectLine:
    """Listens at `path` and talks to one process at a time; nothing here waits."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError`."""
        self._near: socket.socket | None = None
        self._read = bytearray()
        self._unsent = memoryview(b"")
        self._server = socket.socket(socket.AF_UNIX)
        try:
            self._server.setblocking(False)
            self._server.bind(str(path))
            self._server.listen(1)
        except BaseException:
            self._server.close()
            raise

    @property
    def watched(self) -> Watched:
        """What to poll on; then `go_on`."""
        if self._near is None:
            return self._server.fileno(), select.POLLIN
        return self._near.fileno(), select.POLLOUT if self._unsent else select.POLLIN

    def go_on(self) -> None:
        """Do what can be done at once."""
        try:
            if self._near is None:
                self._near = self._server.accept()[0]
                self._near.setblocking(False)
            if self._unsent:
                self._unsent = self._unsent[self._near.send(self._unsent) :]
            elif not self._question():
                self._receive(self._near)
        except BlockingIOError:
            return
        except OSError:
            self._hang_up()

    def question(self) -> str | None:
        """What the process said of the datum that it has ended; None while it has not asked for another."""
        found = self._question()
        return None if found is None else found.decode(errors="replace")

    def answer(self, env: tuple[str, ...]) -> None:
        """Answer the question."""
        message = "\0".join(env).encode("utf-8", "surrogateescape")
        self._read.clear()
        self._unsent = memoryview(len(message).to_bytes(_LENGTH, "big") + message)
        self.go_on()

    def close(self) -> None:
        """Listen no more, and end the connection."""
        self._hang_up()
        self._server.close()

    def _receive(self, near: socket.socket) -> None:
        piece = near.recv(_PIECE)
        self._read += piece
        if not piece or self._wanted() > LONGEST:
            self._hang_up()

    def _question(self) -> bytes | None:
        end = _LENGTH + self._wanted()
        return bytes(self._read[_LENGTH:end]) if _LENGTH <= end <= len(self._read) else None

    def _wanted(self) -> int:
        """The length that was announced; less than nothing before that."""
        return int.from_bytes(self._read[:_LENGTH], "big") if len(self._read) >= _LENGTH else -1 - _LENGTH

    def _hang_up(self) -> None:
        near, self._near = self._near, None
        self._read.clear()
        self._unsent = memoryview(b"")
        if near is not None:
            near.close()
