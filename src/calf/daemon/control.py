"""Starting a server in the background, stopping it, asking how it is."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from calf.daemon import place
from calf.daemon.config import Config
from calf.daemon.place import Running
from calf.kit import durations
from calf.kit.errors import CalfError, Locked, Precondition, Unreachable
from calf.runner.process import start_detached

START_LIMIT = 600.0
"""Seconds: the first start after an update writes the rows of an older folder anew, for 35 µs of CPU each
(200,000 took 7 s), and whoever is ended on the way begins from the start the next time.
"""
MOMENT = 2.0
"""Seconds of a start of which nothing is said."""
STOP_LIMIT = 10.0
_PATIENCE = 30.0
"""Seconds for a server that somebody else is starting."""
_PAUSE = 0.02


def up(
    config: Config, given: Collection[str] = (), slow: Callable[[], None] = lambda: None
) -> tuple[Running, bool]:
    """The server of the folder, started if there is none, once it answers; and whether it was started now.

    `slow` is called when that takes more than a moment.
    Raises `Locked` when the folder's server listens elsewhere than asked, `Precondition` when it runs with
    other options than those `given` by name, `InvalidArgument` for a folder of somebody else's or a backup,
    and `Unreachable`, with the end of its log, when it does not come up, or when another process has the
    folder and does not serve it.
    """
    place.check_folder(config.home)
    if place.find_running(config.home) is None:
        place.check_no_backup(config.home)
        config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            return _start(config, slow), True
        except Unreachable:
            if place.find_running(config.home) is None:
                raise  # or else somebody was faster
    running = _wait(config.home, lambda found: found is None or bool(found.address), _PATIENCE)
    if running is None:
        raise Unreachable(f"the server of {config.home} went away", f"see {place.log_file(config.home)}")
    if not running.address:
        raise Unreachable(
            f"{config.home} is held by process {running.pid}, which does not serve it yet",
            "a server that starts on an older folder may need minutes, and `calf repair` and `calf restore`"
            " have a folder for themselves: wait until it has ended, or is up",
        )
    if not _same_address(config.address, running.address):
        raise Locked(
            f"{config.home} is served on {running.address} already (process {running.pid})",
            f"use that address, or stop it with `calf down --home {config.home}`",
        )
    _check_options(config, running, given)
    return running, False


def _check_options(config: Config, running: Running, given: Collection[str]) -> None:
    """Refuse what the server does not do; an older one does as by default what it has not written down."""
    used: dict[str, Any] = Config(config.home).options() | place.read_options(config.home, running.pid)
    wanted = config.options()
    other = [name for name in wanted if name in given and used[name] != wanted[name]]
    named = [f"{name.replace('_', ' ')} {used[name] or 'as by default'}" for name in other] or [
        f"{wanted[name]} as it was before it was changed"
        for name in config.changed(used.get("read", {}))
        if name in given
    ]
    if named:
        raise Precondition(
            f"a server runs already with other options: {', '.join(named)}",
            f"`calf down --home {config.home}` first; unfinished jobs go on at the next start",
        )


def down(home: Path) -> Running | None:
    """Stop the server of the folder in order; None when there was none. A server that hangs is killed."""
    running = place.find_running(home)
    if running is None:
        return None
    os.kill(running.pid, signal.SIGTERM)
    if _wait(home, lambda found: found is None, STOP_LIMIT) is not None:
        os.kill(running.pid, signal.SIGKILL)
        _wait(home, lambda found: found is None, STOP_LIMIT)
    return running


def _start(config: Config, slow: Callable[[], None]) -> Running:
    log = place.log_file(config.home)
    begin = log.stat().st_size if log.exists() else 0
    command = [sys.executable, "-m", "calf.daemon.main", "serve", "--home", str(config.home)]
    command += ["--address", config.address, "--isolation", config.isolation]
    command += ["--workers", str(config.workers), "--datum-identity", config.datum_identity]
    command += ["--collect-every", durations.format(config.collect_every), "--dashboard", config.dashboard]
    command += [f"--folder={folder}" for folder in config.folders]
    command += [f"--host-image={pattern}" for pattern in config.host_images]
    command += [f"--{name.replace('_', '-')}={file}" for name, file in config.files().items() if file]
    child = start_detached(command, os.environ, Path.cwd(), log)
    begun = time.monotonic()
    told = False
    while (waited := time.monotonic() - begun) < START_LIMIT:
        if waited > MOMENT and not told:
            told = True
            slow()
        running = place.find_running(config.home)
        if running is not None and running.pid == child.pid and running.address:
            return running
        if child.poll() is not None:
            raise _did_not_start(log, begin)
        time.sleep(_PAUSE)
    child.kill()  # it must not come up later, when nobody expects it any more
    child.wait()
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


def _wait(home: Path, until: Callable[[Running | None], bool], limit: float) -> Running | None:
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
