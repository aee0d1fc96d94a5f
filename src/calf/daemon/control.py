"""Starting a server in the background, stopping it, asking how it is."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from calf.daemon import place
from calf.daemon.config import Config
from calf.daemon.place import Running
from calf.kit.errors import CalfError, Locked, Unreachable
from calf.runner.process import start_detached

START_LIMIT = 30.0
STOP_LIMIT = 10.0
_PAUSE = 0.02


def up(config: Config) -> tuple[Running, bool]:
    """The server of the folder, started if there is none, once it answers; and whether it was started now.

    Raises `Locked` when the folder's server listens elsewhere than asked, and `Unreachable`, with the end of
    its log, when it does not come up.
    """
    running = place.find_running(config.home)
    if running is None:
        config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _start(config), True
    running = _wait(config.home, lambda found: found is not None and bool(found.address)) or running
    if not _same_address(config.address, running.address):
        raise Locked(
            f"{config.home} is served on {running.address} already (process {running.pid})",
            f"use that address, or stop it with `calf down --home {config.home}`",
        )
    return running, False


def down(home: Path) -> Running | None:
    """Stop the server of the folder in order; None when there was none. A server that hangs is killed."""
    running = place.find_running(home)
    if running is None:
        return None
    os.kill(running.pid, signal.SIGTERM)
    if _wait(home, lambda found: found is None, STOP_LIMIT) is not None:
        os.kill(running.pid, signal.SIGKILL)
        _wait(home, lambda found: found is None)
    return running


def _start(config: Config) -> Running:
    log = place.log_file(config.home)
    begin = log.stat().st_size if log.exists() else 0
    command = [sys.executable, "-m", "calf.daemon.main", "serve", "--home", str(config.home)]
    command += ["--address", config.address, "--isolation", config.isolation]
    command += ["--workers", str(config.workers), "--datum-identity", config.datum_identity]
    command += [f"--folder={folder}" for folder in config.folders]
    command += [f"--host-image={pattern}" for pattern in config.host_images]
    child = start_detached(command, os.environ, Path.cwd(), log)
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        running = place.find_running(config.home)
        if running is not None and running.pid == child.pid and running.address:
            return running
        if child.poll() is not None:
            raise _did_not_start(log, begin)
        time.sleep(_PAUSE)
    raise _did_not_start(log, begin)


def _did_not_start(log: Path, begin: int) -> CalfError:
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    said = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")] or lines[-1:]
    hint = [line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")]
    return Unreachable(
        f"the server did not start: {said[0] if said else 'it said nothing'}", (hint or [f"see {log}"])[0]
    )


def _wait(home: Path, until: Callable[[Running | None], bool], limit: float = START_LIMIT) -> Running | None:
    deadline = time.monotonic() + limit
    while True:
        found = place.find_running(home)
        if until(found) or time.monotonic() > deadline:
            return found
        time.sleep(_PAUSE)


def _same_address(asked: str, used: str) -> bool:
    return asked.replace("localhost", "127.0.0.1") == used.replace(
        "localhost", "127.0.0.1"
    ) or asked.endswith(":0")
