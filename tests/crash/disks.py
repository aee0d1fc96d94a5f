"""A real disk that is too small, has no inodes left, or may not be written, under a whole server.

python -m tests.crash.disks FOLDER DISK KIND STEP ROOM, in a mount namespace in which DISK is a small tmpfs
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

from calf.kit.errors import CalfError
from tests.crash import scenario
from tests.crash.faults import DISK_RETURNS, NAMED
from tests.crash.machine import Machine, copy
from tests.crash.points import after, known_of
from tests.crash.scenario import STEPS, Acknowledged

ROOMS = {"bytes": (0, 4096, 12_288, 40_960, 200_704, 700_416), "inodes": (0, 1, 2, 4, 8), "writing": (0,)}
"""What is left, in bytes or inodes; of `writing` nothing can be left."""
_ROOT = Path(__file__).parents[2]
_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
_MOUNT = "mount -t tmpfs -o size=24m,nr_inodes=2000 tmpfs {disk}"


def able(disk: Path) -> str:
    """Why no small disk can be had here; empty where it can."""
    disk.mkdir(exist_ok=True)
    command = [*_NAMESPACE, "sh", "-c", _MOUNT.format(disk=disk)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, text=True)
    except FileNotFoundError:
        return "util-linux unshare is missing"
    return done.stderr.strip() if done.returncode else ""


def one(folder: Path, kind: str, number: int, room: int, disk: Path) -> list[str]:
    """Do step `number` on a disk with so little room, in a namespace of its own; what is wrong."""
    disk.mkdir(exist_ok=True)
    mount = f'{_MOUNT.format(disk=disk)} && exec "$0" "$@"'
    words = [sys.executable, "-m", "tests.crash.disks", str(folder), str(disk), kind, str(number), str(room)]
    done = subprocess.run(
        [*_NAMESPACE, "sh", "-c", mount, *words],
        capture_output=True,
        check=False,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": f"{_ROOT}:{_ROOT / 'src'}"},
        text=True,
        timeout=120,
    )
    if done.returncode:
        return [f"{kind} {room} in step {number}: {done.stderr[-1500:]}"]
    return [f"{each} (with {room} {kind} left in step {number})" for each in json.loads(done.stdout)]


class Ballast:
    """What takes the room away, until `end`."""

    def __init__(self, disk: Path, kind: str, room: int) -> None:
        self._folder = disk / "ballast"
        self._folder.mkdir()
        with contextlib.suppress(OSError):  # the server writes too, and was quicker: no room is left at all
            self._take(kind, room)

    def _take(self, kind: str, room: int) -> None:
        if kind == "bytes":
            (self._folder / "large").touch()
            size = max(0, shutil.disk_usage(self._folder).free - room)
            (self._folder / "large").write_bytes(bytes(size))
        else:
            for number in range(os.statvfs(self._folder).f_favail - room):
                (self._folder / str(number)).touch()

    def end(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _with_little_room(folder: Path, disk: Path, kind: str, number: int, room: int) -> Iterator[str]:
    step, known = STEPS[number], known_of(folder, number)
    copy(folder / f"before-{number}", disk / "home")
    machine, done = Machine(disk / "home"), Acknowledged()
    machine.up()
    ballast = Ballast(disk, kind, room)
    if scenario.finished(machine.get()) != known["finished"]:
        yield "not readable while there is no room"
    returns = Timer(DISK_RETURNS, ballast.end)
    returns.start()
    try:
        step.do(machine.get(), known["plan"], done)
    except CalfError as error:
        if error.category not in NAMED:
            yield f"the error is {error.category.value}: {error.message}"
    returns.cancel()
    if machine.child is None or machine.child.is_over():
        yield f"the server is gone: {machine.log.read_text()[-500:]}"
        return
    yield from _now_readable(machine, known, removes=step.removes)
    ballast.end()
    yield from _goes_on(machine, number, known)
    machine.lost()
    yield from after(machine, step, known, done)
    machine.lost()


def _now_readable(machine: Machine, known: dict[str, Any], *, removes: bool) -> Iterator[str]:
    now = scenario.finished(machine.get())
    lost = [commit for commit, digest in known["finished"].items() if now.get(commit) != digest]
    if lost and not removes:
        yield f"not readable: {lost}"


def _goes_on(machine: Machine, number: int, known: dict[str, Any]) -> Iterator[str]:
    """Without being started again, as soon as there is room."""
    try:
        STEPS[number].do(machine.get(), known["plan"], Acknowledged())
    except CalfError as error:
        yield f"it does not go on when there is room: {error.category.value}: {error.message}"
    yield from scenario.faults(machine.get())


def _without_writing(folder: Path, disk: Path, number: int) -> Iterator[str]:
    """A server on a disk that may not be written says so and ends; on one that may be again it starts."""
    known = known_of(folder, number)
    copy(folder / f"before-{number}", disk / "home")
    machine = Machine(disk / "home")
    machine.log = disk.with_name(f"{disk.name}.log")
    machine.log.unlink(missing_ok=True)
    _remount(disk, "ro")
    if machine.up():
        yield "a server starts where nothing can be written"
    elif "DiskFailed" not in (said := machine.log.read_text()):
        yield f"it does not say that the disk may not be written: {said[-500:]}"
    machine.lost()
    _remount(disk, "rw")
    yield from after(machine, STEPS[number], known, Acknowledged())
    machine.lost()


def _remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def main() -> None:
    folder, disk, kind, number, room = sys.argv[1:]
    if kind == "writing":
        found = _without_writing(Path(folder), Path(disk), int(number))
    else:
        found = _with_little_room(Path(folder), Path(disk), kind, int(number), int(room))
    print(json.dumps(list(found)))


if __name__ == "__main__":
    main()
