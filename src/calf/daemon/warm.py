"""The warm process beside a server, by which commands begin at once (`calf.cli.warm`)."""

from __future__ import annotations

import errno
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping

from calf.cli.warm import door
from calf.runner.process import start_beside

YOUNG = 20.0
"""Seconds: a process that ended before may do so again, and is started again later and later."""
_LATEST = 60.0
_LOG = logging.getLogger(__name__)


class Warm:
    """At most one process at a time; of all servers of one user and installation one has it.

    It cannot outlive this process, however that ends: it holds the reading end of a pipe. Nothing of the
    server's depends on it.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._tag = environ.get(door.SWITCH, "")
        self._wanted = self._tag != door.OFF and sys.platform == "linux"
        self._running: tuple[subprocess.Popen[bytes], int] | None = None
        self._name = b""
        self._began = self._not_before = self._pause = 0.0

    def look(self, now: float) -> None:
        """Start it if it is not there, unless another server has one; `now` is some clock's seconds."""
        try:
            name = door.name(self._tag) if self._wanted else b""
        except OSError:
            name = b""  # the installation is being replaced
        if self._running is not None and (name != self._name or self._running[0].poll() is not None):
            self.stop()
            self._pause = min(2 * self._pause + 1, _LATEST) if now - self._began < YOUNG else 0.0
            self._not_before = now + self._pause
        if self._running is None and name and now >= self._not_before:
            self._start(name, now)

    def stop(self) -> None:
        """End it; commands that it became go on."""
        if self._running is not None:
            process, lifeline = self._running
            self._running = None
            os.close(lifeline)
            process.kill()
            process.wait()

    def _start(self, name: bytes, now: float) -> None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                listener.bind(name)
                words = (sys.executable, "-P", "-X", "utf8", "-m", "calf.cli.warm", str(listener.fileno()))
                self._running = start_beside(words, listener.fileno())
        except OSError as error:
            if error.errno != errno.EADDRINUSE:  # or else another server has one
                _LOG.warning("commands begin cold: %s", error)
                self._pause = min(2 * self._pause + 1, _LATEST)
                self._not_before = now + self._pause
            return
        self._name, self._began = name, now
