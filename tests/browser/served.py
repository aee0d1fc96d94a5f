"""A server and its dashboard, as `calf up` starts them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calf.client.connection import Client, connect
from calf.daemon.place import find_running

CALF = Path(sys.executable).with_name("calf")
_ANY_PORT = "127.0.0.1:0"
_LINK = "dashboard: "


class Served:
    """A server: its data folder `home`, where it listens, and the `url` of its dashboard, without a `/`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.address = _ANY_PORT
        self.url = f"http://{_ANY_PORT}"

    def up(self) -> None:
        """Start it: on free ports, or where it was before."""
        where = ("--address", self.address, "--dashboard", self.url.removeprefix("http://"))
        said = run_calf("up", "--home", self.home, *where)
        running = find_running(self.home)
        assert running is not None
        self.address = running.address
        self.url = next(line.removeprefix(_LINK) for line in said.splitlines() if line.startswith(_LINK))

    def down(self) -> None:
        """Stop it."""
        run_calf("down", "--home", self.home)

    def connect(self) -> Client:
        """A connection to the server."""
        return connect(self.address)


@contextmanager
def serve(home: Path) -> Iterator[Served]:
    """Serve this data folder and its dashboard on free ports."""
    made = Served(home)
    made.up()
    try:
        yield made
    finally:
        made.down()


def run_calf(*words: str | Path) -> str:
    """Run `calf`; gives what it printed."""
    return subprocess.run([CALF, *words], check=True, capture_output=True, text=True).stdout
