"""Every call that writes fails once, or from then on: the error has a name, and all goes on afterwards."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

from calf.kit.errors import CalfError, Category
from tests.crash import scenario
from tests.crash.machine import Machine, copy
from tests.crash.points import after, known_of, watched
from tests.crash.scenario import STEPS, Acknowledged

CALLS = [
    "write", "pwrite64", "writev", "fsync", "fdatasync", "ftruncate", "fallocate", "copy_file_range",
    "rename", "renameat", "renameat2", "mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat", "openat",
]  # fmt: skip
ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EROFS": errno.EROFS, "EMFILE": errno.EMFILE}
BARRIERS = ("fsync storage/packs", "fdatasync metadata")
DISK_RETURNS = 2.0
NAMED = {Category.FULL, Category.DISK, Category.INTEGRITY, Category.UNFINISHED, Category.PRECONDITION}


class Failing:
    """Counts calls below a folder once armed; has number `at` fail, and all after it if it `lasts`."""

    def __init__(self, home: Path, at: int, error: int, *, lasts: bool) -> None:
        self.home, self.at, self.error, self.lasts = home, at, error, lasts
        self.armed, self.count, self.place = False, 0, ""

    def end(self) -> None:
        """The disk is as it should be again."""
        self.armed = False

    def __call__(self, _thread: int, call: str, path: str) -> int | None:
        if not self.armed or not watched(self.home, path):
            return 0
        self.count += 1
        if self.count == self.at:
            self.place = f"{call} {os.path.relpath(path, self.home)}"
        fails = self.at and (self.count == self.at or (self.lasts and self.count > self.at))
        is_possible = self.error != errno.EMFILE or call == "openat"
        return (self.error if is_possible else errno.EIO) if fails else 0


def count(folder: Path, number: int, home: Path) -> int:
    """How many calls step `number` makes that can fail."""
    known = known_of(folder, number)
    copy(folder / f"before-{number}", home)
    machine, failing = Machine(home), Failing(home, 0, 0, lasts=False)
    machine.up(CALLS, failing)
    failing.armed = True
    STEPS[number].do(machine.get(), known["plan"], Acknowledged())
    machine.lost()
    return failing.count


def one(folder: Path, number: int, failing: Failing) -> list[str]:
    """Have a call of step `number` fail as `failing` says; what is wrong then and afterwards."""
    step, home = STEPS[number], failing.home
    known = known_of(folder, number)
    copy(folder / f"before-{number}", home)
    machine, done = Machine(home), Acknowledged()
    machine.log.unlink(missing_ok=True)
    machine.up(CALLS, failing)
    found = list(_during(machine, number, known, failing, done))
    machine.lost()
    found += after(machine, step, known, done)
    machine.lost()
    return [f"{each} (at {failing.place})" for each in found]


def _during(
    machine: Machine, number: int, known: dict[str, Any], failing: Failing, done: Acknowledged
) -> Iterator[str]:
    step = STEPS[number]
    failing.armed = True
    returns = Timer(DISK_RETURNS, failing.end)  # what waits for a job waits for the disk
    returns.start()
    try:
        step.do(machine.get(), known["plan"], done)
        if failing.place.startswith(BARRIERS) and step.is_one_request:
            yield "what was not made durable was acknowledged"
    except CalfError as error:
        if error.category not in NAMED:
            yield f"the error is {error.category.value}: {error.message}"
    finally:
        returns.cancel()
    if machine.child is None or machine.child.is_over():
        yield "the server is gone"
        return
    now = scenario.finished(machine.get())  # while writing fails
    lost = [commit for commit, digest in known["finished"].items() if now.get(commit) != digest]
    if lost and not step.removes:
        yield f"not readable: {lost}"
    failing.armed = False
