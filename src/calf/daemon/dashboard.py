"""The dashboard beside a server: its port is open from the start, its process begins when somebody comes."""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import select
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from calf.daemon.config import OFF, Config, is_loopback
from calf.kit.errors import Locked
from calf.runner.process import start_beside

IDLE = 600.0
"""Seconds in which nobody comes, after which the process ends."""
YOUNG = 20.0
"""Seconds: a process that failed before may do so again, and is started again later and later."""
_LATEST = 60.0
_BACKLOG = 128
_HIGHEST_PORT = 65535
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a dashboard listens: `link` leads there, `hosts` are its names; `instead` of a port that is taken
    it may be another (0: it is not).
    """

    listener: socket.socket
    link: str
    hosts: tuple[str, ...]
    instead: int = 0

    @property
    def is_secure(self) -> bool:
        """Whether it speaks TLS, as it must where other machines reach it."""
        return self.link.startswith("https:")


def open_door(config: Config, server: str) -> Door | None:
    """Open the port of the dashboard of a server that listens at `server`; None where none is wanted.

    Raises `Locked` when the address that was asked for is taken or not this machine's.
    """
    if config.dashboard == OFF:
        return None
    if config.dashboard:
        return listen(config.dashboard, config.tls_cert)
    port = int(server.rpartition(":")[2]) + 1
    return listen_near(port)


def listen_near(port: int) -> Door:
    """Open a port of the loopback, another one if it is taken."""
    try:
        return listen(f"127.0.0.1:{port if port <= _HIGHEST_PORT else 0}")
    except Locked:
        door = listen("127.0.0.1:0")
        return Door(door.listener, door.link, door.hosts, port)


def listen(address: str, certificate: Path | None = None) -> Door:
    """Open a port; one that other machines reach has the names that the certificate is for.

    Raises `Locked` when the address is taken or not this machine's.
    """
    host, _, wanted = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, int(wanted)), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise Locked(
            f"the dashboard cannot listen on {address}: {str(error.strerror).partition(' (')[0]}",
            "choose another address with --dashboard, or `--dashboard off` for none",
        ) from error
    port = listener.getsockname()[1]
    if is_loopback(address):
        names = ("127.0.0.1" if host == "localhost" else _bracketed(host), "localhost")
        return Door(listener, f"http://{names[0]}:{port}", names)
    assert certificate is not None  # the options are refused without
    names = (*_names(certificate), *(() if _is_all(host) else (_bracketed(host),)))
    shown = next((name for name in names if "*" not in name and not is_loopback(f"{name}:0")), host)
    return Door(listener, f"https://{shown}:{port}", names)


def _names(certificate: Path) -> tuple[str, ...]:
    from calf.daemon.certificates import read_names

    return tuple(_bracketed(name) for name in read_names(certificate))


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _is_all(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return not host


def orders(config: Config, door: Door, server: str) -> dict[str, object]:
    """What the process is told; of tokens only digests."""
    from calf.daemon.admitting import read_tokens
    from calf.rpc.admission import digest

    tokens = read_tokens(config.token_file) if config.token_file else []
    return {
        "server": _reached_as(config, server),
        "hosts": door.hosts,
        "tokens": [digest(token).hex() for token in tokens],
        "certificate": str(config.tls_cert) if door.is_secure else "",
        "key": str(config.tls_key) if door.is_secure else "",
        "idle": IDLE,
        "free": [] if door.is_secure else ["/metrics"],
    }


def _reached_as(config: Config, server: str) -> str:
    """How the process reaches the server by a door that asks this user for nothing."""
    host, _, port = server.rpartition(":")
    here = f"127.0.0.1:{port}" if _is_all(host.strip("[]")) else server
    return here if sys.platform == "linux" and is_loopback(here) else f"unix:{config.home / 'api.sock'}"


class Beside:
    """At most one process, which begins when somebody knocks; nothing of the server's depends on it.

    It cannot outlive this process, however that ends: it holds the reading end of a pipe. `poller` wakes who
    then calls `look`.
    """

    def __init__(self, door: Door, told: Mapping[str, object], poller: select.poll) -> None:
        self._listener, self._told, self._poller = door.listener, told, poller
        self._running: tuple[subprocess.Popen[bytes], int, int] | None = None
        self._waits = False
        self._began = self._not_before = self._pause = 0.0

    def look(self, now: float) -> None:
        """Start it if somebody knocks, note that it has ended; `now` is some clock's seconds."""
        if self._running is not None and self._running[0].poll() is not None:
            self._note_end(now)
        if self._running is None and now >= self._not_before:
            if not self._waits:
                self._wait(True)
            elif _is_knocked_on(self._listener):
                self._wait(False)
                self._start(now)

    def stop(self) -> None:
        """End it, and let nobody in any more."""
        if self._running is not None:
            self._running[0].kill()
            self._running[0].wait()
            self._forget()
        if self._waits:
            self._wait(False)
        self._listener.close()

    def _wait(self, waits: bool) -> None:
        """Be woken by whoever knocks, or not."""
        if waits:
            self._poller.register(self._listener, select.POLLIN)
        else:
            self._poller.unregister(self._listener)
        self._waits = waits

    def _start(self, now: float) -> None:
        words = (sys.executable, "-P", "-X", "utf8", "-m", "calf.web", str(self._listener.fileno()))
        self._began = now
        try:
            process, lifeline = start_beside(words, self._listener.fileno())
        except OSError as error:
            self._fail(now, str(error))
            return
        handle = os.pidfd_open(process.pid)
        self._poller.register(handle, select.POLLIN)
        self._running = process, lifeline, handle
        with suppress(BrokenPipeError):  # it has ended already, which `look` notes
            os.write(lifeline, json.dumps(self._told).encode() + b"\n")

    def _note_end(self, now: float) -> None:
        assert self._running is not None
        code = self._running[0].returncode
        self._forget()
        if code == 0:
            self._pause = 0.0
        else:
            self._fail(now, f"its process ended with code {code}")

    def _fail(self, now: float, why: str) -> None:
        _LOG.warning("dashboard: %s; it begins again when somebody comes", why)
        self._pause = min(2 * self._pause + 1, _LATEST) if now - self._began < YOUNG else 0.0
        self._not_before = now + self._pause

    def _forget(self) -> None:
        assert self._running is not None
        _, lifeline, handle = self._running
        self._running = None
        self._poller.unregister(handle)
        os.close(lifeline)
        os.close(handle)


def _is_knocked_on(listener: socket.socket) -> bool:
    knocks = select.poll()
    knocks.register(listener, select.POLLIN)
    return bool(knocks.poll(0))
