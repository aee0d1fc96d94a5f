"""The short way for a batching stage to ask for its datums: a socket that the worker's own thread answers.

gRPC through the relay takes six threads in two processes for each question; this takes none. Both sides send
messages of a length (four bytes, big-endian) and as many bytes: the stage what was wrong with the datum that
its question ends (nothing, when it is well), we `NAME=value` lines with a zero byte between them. The end of
the connection is the end of the set. Danger: the other side is the stage, which may send anything at all.
"""

from __future__ import annotations

import errno
import select
import socket
import time
from pathlib import Path

from calf.runner.output import Watched

LONGEST = 1 << 20
"""Bytes that an error may have; who sends more is hung up on."""
_LENGTH = 4
_PIECE = 64 * 1024
_SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_PAUSE = 0.02


class DirectLine:
    """Listens at `path` and talks to one process at a time; nothing here waits."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError`."""
        self._near: socket.socket | None = None
        self.question: str | None = None
        """What the process said of the datum that it has ended; None while it has not asked for another."""
        self.unheard = False
        """Whether the process hung up before it had read all of the last answer."""
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
            elif self.question is None:
                self._receive(self._near)
        except BlockingIOError:
            return
        except ConnectionResetError:  # what Unix sockets say when the other side left something unread
            self.unheard = True
            self._hang_up()
        except OSError as error:
            if self._near is None and error.errno in _SCARCE:
                time.sleep(_PAUSE)  # it goes on knocking; until somebody gives a descriptor back
            self._hang_up()

    def answer(self, env: tuple[str, ...]) -> None:
        """Answer the question."""
        message = "\0".join(env).encode("utf-8", "surrogateescape")
        self.question = None
        self.unheard = False
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
        length = int.from_bytes(self._read[:_LENGTH], "big")
        if not piece or length > LONGEST:
            self._hang_up()
        elif len(self._read) >= _LENGTH + length:
            self.question = self._read[_LENGTH : _LENGTH + length].decode(errors="replace")

    def _hang_up(self) -> None:
        near, self._near = self._near, None
        self.question = None
        self.unheard = self.unheard or len(self._unsent) > 0
        self._read.clear()
        self._unsent = memoryview(b"")
        if near is not None:
            near.close()
