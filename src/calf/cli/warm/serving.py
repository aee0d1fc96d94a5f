"""The warm process: it has loaded all that commands load, waits, and forks a child for each that asks.

It has one thread and keeps nothing of any command: whatever a client sends is read in the child. It ends
when the server beside which it was started does, and when a file that it was loaded from is changed.
"""

from __future__ import annotations

import gc
import os
import select
import sys
import time
from contextlib import suppress
from socket import socket

from calf.cli.warm import door
from calf.cli.warm.becoming import become, ours
from calf.cli.warm.loaded import load
from calf.kit import exit_codes
from calf.kit.loaded import Loaded

LIFELINE = 0
"""The descriptor that ends when the server does."""
MOST = 256
"""Commands at once; one more runs in its own process."""
_BACKLOG = 64


def main() -> int:
    """Wait on the bound socket whose number is the first argument, until the server ends or the code changes.

    In the children it is the command, and gives its exit code.
    """
    began = time.time_ns()
    listener = socket(fileno=int(sys.argv[1]))
    gc.disable()
    loaded = load(began)
    us = ours()
    if loaded is None:
        return exit_codes.FAILURE
    listener.setblocking(False)
    gc.collect()
    gc.freeze()  # or collecting would write to what the children share
    gc.enable()
    listener.listen(_BACKLOG)
    asked = _Commands(listener, loaded).next_asked()
    return exit_codes.OK if asked is None else become(*asked, us)


class _Commands:
    """The children, each with the connection of its client, by their handles."""

    def __init__(self, listener: socket, loaded: Loaded) -> None:
        self._listener, self._loaded = listener, loaded
        self._connections: dict[int, socket] = {}
        self._poller = select.poll()
        for descriptor in (LIFELINE, listener.fileno()):
            self._poller.register(descriptor, select.POLLIN)

    def next_asked(self) -> tuple[socket, int] | None:
        """In a child: the connection and the process of its client. In this process None, at its end."""
        while True:
            for descriptor, _ in self._poller.poll():
                if descriptor == LIFELINE:
                    return None
                if descriptor in self._connections:
                    self._report(descriptor)
                    continue
                if not self._loaded.is_current():
                    return None
                asked = self._accept()
                if asked is not None and not self._fork(asked[0]):
                    return asked

    def _accept(self) -> tuple[socket, int] | None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return None  # gone already, or no descriptor is free
        with suppress(OSError):
            pid = door.peer(connection)
            if pid and len(self._connections) < MOST:
                return connection, pid
        connection.close()
        return None

    def _fork(self, connection: socket) -> int:
        """The child's process id; 0 in the child, which has nothing of this process's but that connection."""
        try:
            pid = os.fork()
        except OSError:
            connection.close()
            return -1
        if not pid:
            self._listener.close()
            for descriptor, each in self._connections.items():
                os.close(descriptor)
                each.close()
            return 0
        handle = os.pidfd_open(pid)
        self._connections[handle] = connection
        self._poller.register(handle, select.POLLIN)
        return pid

    def _report(self, handle: int) -> None:
        """Tell the client how the child ended, in case the child did not."""
        ended = os.waitid(os.P_PIDFD, handle, os.WEXITED)
        assert ended is not None
        kind = door.ENDED if ended.si_code == os.CLD_EXITED else door.KILLED
        connection = self._connections.pop(handle)
        with suppress(OSError):
            connection.send(kind + bytes([ended.si_status & 0xFF]))
        connection.close()
        self._poller.unregister(handle)
        os.close(handle)
