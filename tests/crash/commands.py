"""Starting a server, and commands on a folder without one, are killed before each call as well."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calf.kit.errors import CalfError
from calf.pfs.backups import back_up, restore
from calf.pfs.engine import Pfs
from calf.pfs.repairing import repair
from tests.crash import scenario
from tests.crash.flips import flip
from tests.crash.machine import Machine, copy, fork
from tests.crash.points import CALLS, Counter
from tests.crash.scenario import STEPS


@dataclass(frozen=True)
class Place:
    """The folders of one attempt."""

    home: Path
    backup: Path
    again: Path


def _start(place: Place) -> None:
    Pfs.open(place.home).close()


def _back_up(place: Place) -> None:
    back_up(place.home, place.backup, 0.0)


def _restore(place: Place) -> None:
    restore(place.backup, place.again)


def _repair(place: Place) -> None:
    with closing(Pfs.open(place.home)) as pfs:
        repair(pfs, [place.backup])


COMMANDS: dict[str, Callable[[Place], None]] = {
    "start": _start, "backup": _back_up, "restore": _restore, "repair": _repair,
}  # fmt: skip


def prepare(folder: Path) -> None:
    """A folder as a killed server has left it, one with a damaged pack, and backups of earlier and of now."""
    killed = folder / f"before-{len(STEPS) - 1}"
    copy(folder / "before-5", folder / "earlier")
    back_up(folder / "earlier", folder / "backup-earlier", 0.0)
    copy(killed, folder / "now")
    back_up(folder / "now", folder / "backup-now", 0.0)
    copy(killed, folder / "damaged")
    for pack in sorted((folder / "damaged/storage/packs").glob("*.pack"))[:3]:
        flip(pack, pack.stat().st_size // 3, 1)


def count(folder: Path, name: str, work: Path) -> int:
    """How many calls a command makes."""
    return _run(folder, name, 0, work).count


def one(folder: Path, name: str, at: int, work: Path) -> list[str]:
    """Kill a command before its call `at`, do it again, and look at what it has made."""
    counter = _run(folder, name, at, work)
    place = _place(work)
    try:
        if (
            name != "restore" or not (place.again / "metadata.sqlite").exists()
        ):  # that is a restore's last step
            COMMANDS[name](place)
        if name == "backup":
            restore(place.backup, place.again)
    except CalfError as error:
        return [f"{name} cannot be done again: {error.message} (at {counter.places[-1:]})"]
    machine = Machine(place.again if name in {"backup", "restore"} else place.home)
    machine.up()
    known: dict[str, Any] = pickle.loads((folder / f"before-{len(STEPS) - 1}.known").read_bytes())
    found = scenario.faults(machine.get())
    if scenario.finished(machine.get()) != known["finished"]:
        found.append("what it made has other commits")
    machine.lost()
    return [f"{name}: {each} (at {counter.places[-1:]})" for each in found]


def _place(work: Path) -> Place:
    return Place(work / "home", work / "backup", work / "again")


def _run(folder: Path, name: str, at: int, work: Path) -> Counter:
    place = _place(work)
    for path in (place.home, place.backup, place.again):
        copy(folder / "nothing", path)
    place.again.rmdir()
    copy(folder / ("damaged" if name == "repair" else f"before-{len(STEPS) - 1}"), place.home)
    copy(folder / ("backup-earlier" if name == "backup" else "backup-now"), place.backup)
    counter = Counter(work, at)
    counter.armed = True
    child = fork(lambda: COMMANDS[name](place), work / "log", CALLS, counter, counter.met)
    status = child.wait()
    assert counter.count >= at > 0 or status == 0, (work / "log").read_text()
    return counter
