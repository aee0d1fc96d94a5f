"""A port of this machine's loopback that leads to the port of a stage that serves.

Danger: the socket's folder belongs to the stage, which may put anything there. It is opened without following
links and used only if it is a socket, so that no stage can lead us to a socket of this machine.
"""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from calf.kit.errors import Precondition
from calf.runner.ways import DOOR

_PIECE = 64 * 1024


class Forward:
    """Listens from the start on; `close` ends it with all its connections."""

    def __init__(
        self, port: int, dial: Callable[[], socket.socket], heard: Callable[[bool], None] = lambda _: None
    ) -> None:
        """`dial` opens a connection to the stage; `heard` is told when nobody answers there, and when again.

        Raises `Precondition` when the port cannot be had.
        """
        try:
            self._server = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise Precondition(
                f"port {port} of this machine cannot be had: {os.strerror(error.errno or 0)}",
                "choose another external_port, or end what listens there",
            ) from error
        self._dial = dial
        self._heard = heard
        self._lock = threading.Lock()
        self._open: set[socket.socket] | None = {self._server}
        self._thread = threading.Thread(target=self._accept, name=f"port {port}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and cut all connections."""
        with self._lock:
            ends, self._open = self._open or set(), None
        for end in ends:
            _cut(end)
        self._thread.join()

    def _accept(self) -> None:
        silent = False
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:  # closed
                return
            try:
                far = self._dial()
            except OSError:  # nobody serves there yet, or any more
                near.close()
                if not silent:
                    self._heard(False)
                silent = True
                continue
            if silent:
                self._heard(True)
            silent = False
            self._join(near, far)

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        with self._lock:
            if self._open is None:
                near.close()
                far.close()
                return
            self._open |= {near, far}
        threading.Thread(target=self._carry_both, args=(near, far), daemon=True).start()

    def _carry_both(self, near: socket.socket, far: socket.socket) -> None:
        back = threading.Thread(target=_carry, args=(far, near), daemon=True)
        back.start()
        _carry(near, far)
        back.join()
        with self._lock:
            if self._open is not None:
                self._open -= {near, far}
        near.close()
        far.close()


def through_door(folder: Path) -> socket.socket:
    """A connection to the socket that the relay of a stage made in `folder`. Raises `OSError`."""
    fd = os.open(folder / DOOR, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISSOCK(os.fstat(fd).st_mode):
            raise ConnectionRefusedError(f"{DOOR} is no socket")
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(f"/proc/self/fd/{fd}")
        except OSError:
            far.close()
            raise
        return far
    finally:
        os.close(fd)


def _carry(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(_PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        _shut(source)
        _shut(target)


def _cut(end: socket.socket) -> None:
    _shut(end)
    end.close()


def _shut(end: socket.socket) -> None:
    with suppress(OSError):  # it may not be connected any more
        end.shutdown(socket.SHUT_RDWR)
