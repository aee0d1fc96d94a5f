"""A server and its dashboard, each a process of its own, as `calf up` starts them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from calf.client.connection import Client, connect
from calf.daemon.place import find_running

CALF = Path(sys.executable).with_name("calf")
PATIENCE = 30.0
_DASHBOARD = Path(__file__).with_name("dashboard.py")


class Dashboard:
    """The dashboard's process; `url` is where it is, without a `/`, also after it was stopped and started."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.url = ""
        self.start()

    def start(self) -> None:
        """Start it, where it was before."""
        port = self.url.rpartition(":")[2] or "0"
        command = [sys.executable, str(_DASHBOARD), self._address, port]
        self._running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._running.stdout is not None
        self.url = json.loads(self._running.stdout.readline())["url"]
        _await(self.url)

    def stop(self) -> None:
        """End it."""
        assert self._running.stdout is not None
        self._running.terminate()
        self._running.wait(PATIENCE)
        self._running.stdout.close()


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its data folder, where it listens, and its dashboard."""

    home: Path
    address: str
    dashboard: Dashboard

    @property
    def url(self) -> str:
        """Where the dashboard is."""
        return self.dashboard.url

    def connect(self) -> Client:
        """A connection to the server."""
        return connect(self.address)


@contextmanager
def serve(home: Path) -> Iterator[Served]:
    """Serve this data folder and its dashboard on free ports."""
    run_calf("up", "--home", home, "--address", "127.0.0.1:0")
    try:
        running = find_running(home)
        assert running is not None
        dashboard = Dashboard(running.address)
        try:
            yield Served(home, running.address, dashboard)
        finally:
            dashboard.stop()
    finally:
        run_calf("down", "--home", home)


def run_calf(*words: str | Path) -> str:
    """Run `calf`; gives what it printed."""
    return subprocess.run([CALF, *words], check=True, capture_output=True, text=True).stdout


def _await(url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urlopen(f"{url}/assets/calf.css"):
                return
        except URLError:
            time.sleep(0.05)
    raise AssertionError(f"no dashboard at {url}")
