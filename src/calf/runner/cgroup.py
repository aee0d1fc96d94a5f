"""Limits on memory and processes by control groups, version 1 or 2, where this user may make them.

A group belongs to one process tree. What is in force is asked by doing: a group that cannot be made means
that the kernel does not let us, and the caller says so.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from calf.runner.output import Lines
from calf.runner.process import KILL_GRACE, Command, start

_PROBE_MEMORY = 64 * 1024 * 1024
_PROBE_TIMEOUT = 10.0
_PAUSE = 0.002
_DOOR, _THREADS_DOOR = "cgroup.procs", "tasks"
# Version 1 has both. Through `cgroup.procs` a process waits some ten milliseconds, until the kernel is sure
# that nowhere on the machine anybody is in the middle of forking; a thread that enters by itself does not.


@dataclass(frozen=True, slots=True)
class Group:
    """The folders of one group: in version 1, one a controller. `memory`: that limit is in force; `asked`:
    it was asked for. `door` is the file by which one enters; with `processes` their number is limited.
    """

    folders: tuple[Path, ...]
    memory: bool
    asked: bool
    door: str
    processes: bool = False

    @property
    def doors(self) -> tuple[str, ...]:
        """What a process of one thread that is to enter writes 0 to."""
        return tuple(f"{folder}/{self.door}" for folder in self.folders)

    def out_of_memory(self) -> bool:
        """Whether the kernel killed in here for want of the memory that was allowed."""
        for folder in self.folders if self.memory else ():
            for name in ("memory.events", "memory.oom_control"):
                if _counter(folder / name, "oom_kill"):
                    return True
        return False

    def is_as_new(self) -> bool:
        """Whether nobody is in it, and nothing of who was there counts: memory that they used does."""
        try:
            return not self.asked and all(not _read(door) for door in self.doors)
        except FileNotFoundError:  # somebody who took it for abandoned has removed it
            return False

    def close(self) -> None:
        """Kill who is left inside, and remove the group."""
        for folder in self.folders:
            _remove(folder)


class OneByOne:
    """Groups for process trees that mostly follow one another: one that is as new is used again."""

    def __init__(self, make: Callable[[], Group]) -> None:
        self._make = make
        self._idle: Group | None = None

    def take(self) -> Group:
        """One for a tree; give it back."""
        group, self._idle = self._idle, None
        return group if group is not None and group.is_as_new() else self._make()

    def give_back(self, group: Group) -> None:
        """Its tree has ended."""
        if self._idle is None and group.is_as_new():
            self._idle = group
        else:
            group.close()

    def close(self) -> None:
        """Remove what is left."""
        if self._idle is not None:
            self._idle.close()
            self._idle = None


class Groups:
    """Makes groups; `prefix` is `calf-` and what tells this data folder's from others'.

    Before the first, it finds out whether processes may enter what it makes; if not, it makes nothing.
    """

    def __init__(self, prefix: str, processes: int, allowed: bool = True) -> None:
        """`processes` is the most that a group may hold, threads counted; without `allowed` none is made."""
        self.processes = processes
        self._prefix = prefix
        self._mounts = _controllers() if allowed else {}
        self._numbers = itertools.count(1)
        self._first = threading.Lock()
        self._held: frozenset[str] | None = None

    @property
    def version(self) -> int:
        """That of this machine's control groups."""
        return 2 if "unified" in self._mounts else 1

    def held(self) -> frozenset[str]:
        """What groups hold process trees to here: of `memory` and `processes`, those that are found to."""
        with self._first:
            if self._held is None:
                self._held = self._try()
            return self._held

    def _try(self) -> frozenset[str]:
        group = self._make(_PROBE_MEMORY)
        said: list[str] = []
        command = Command(("true",), {"PATH": os.defpath}, Path("/"), doors=group.doors)
        child = start(command, Lines(said.append))
        entered = child.wait(_PROBE_TIMEOUT) == 0
        child.kill()
        child.close()
        group.close()
        if not entered:
            self._mounts = {}
            return frozenset()
        found = {"memory": group.memory, "processes": group.processes}
        return frozenset(name for name, holds in found.items() if holds)

    def make(self, memory: int) -> Group:
        """A group with at most `memory` bytes (0: any) and `processes`, as far as this user may."""
        self.held()
        return self._make(memory)

    def _make(self, memory: int) -> Group:
        name = f"{self._prefix}{os.getpid()}-{next(self._numbers)}"
        folders: list[Path] = []
        made: set[str] = set()
        for controller, places in self._mounts.items():
            if controller == "memory" and not memory:
                continue
            folder = _make(places, name, self._settings(controller, memory))
            if folder is not None:
                folders.append(folder)
                made.add(controller)
        memory_held, processes_held = (not made.isdisjoint((each, "unified")) for each in ("memory", "pids"))
        door = _DOOR if "unified" in self._mounts else _THREADS_DOOR
        once, asked = tuple(dict.fromkeys(folders)), bool(memory)
        return Group(once, memory_held and asked, asked, door, processes_held)

    def _settings(self, controller: str, memory: int) -> dict[str, int]:
        """Files of a group and what to write there; those with a question mark, not every kernel has."""
        if controller == "memory":
            return {"memory.limit_in_bytes": memory, "?memory.memsw.limit_in_bytes": memory}
        processes = {"pids.max": self.processes}
        if controller == "pids" or not memory:
            return processes
        return {**processes, "memory.max": memory, "?memory.swap.max": 0, "?memory.oom.group": 1}

    def sweep(self) -> None:
        """Kill and remove what a server of the same data folder left when it was killed.

        The empty groups of other servers that are gone are removed as well; their folder may never be served
        again.
        """
        for place in {place for places in self._mounts.values() for place in places}:
            groups = _groups_in(place)
            for folder in (*groups, *(inner for group in groups for inner in _groups_in(group))):
                if not folder.name.startswith("calf-"):
                    continue
                if folder.name.startswith(self._prefix):
                    _remove(folder)
                elif _is_abandoned(folder):
                    _remove_empty(folder)


def _controllers() -> dict[str, tuple[Path, ...]]:
    """Where groups may be made: for `memory` and `pids` of version 1, or for `unified`, version 2."""
    own = dict(_own_groups())
    mounts = dict(_mounts())
    found: dict[str, tuple[Path, ...]] = {}
    for controller in ("memory", "pids"):
        if controller in mounts and controller in own:
            found[controller] = _candidates(mounts[controller], own[controller])
    if not found and "unified" in mounts and "unified" in own:
        found["unified"] = _candidates(mounts["unified"], own["unified"])
    return found


def _candidates(mount: Path, own: str) -> tuple[Path, ...]:
    """Our own group, its parent (version 2 allows no groups below one with processes), the mount."""
    here = mount / own.lstrip("/")
    return tuple(place for place in dict.fromkeys((here, here.parent, mount)) if place.is_relative_to(mount))


def _own_groups() -> Iterator[tuple[str, str]]:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(",") if controllers else ("unified",):
            yield controller, path


def _mounts() -> Iterator[tuple[str, Path]]:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, target, kind, options, *_ = line.split()
        if kind == "cgroup2":
            yield "unified", Path(target)
        elif kind == "cgroup":
            for controller in {"memory", "pids"} & set(options.split(",")):
                yield controller, Path(target)


def _make(places: tuple[Path, ...], name: str, settings: Mapping[str, int]) -> Path | None:
    for place in places:
        folder = place / name
        try:
            folder.mkdir()
        except OSError:
            continue
        try:
            for setting, value in settings.items():
                if not setting.startswith("?") or (folder / setting[1:]).exists():
                    (folder / setting.lstrip("?")).write_text(str(value))
        except OSError:
            folder.rmdir()
            continue
        return folder
    return None


def _read(door: str) -> bytes:
    fd = os.open(door, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, 1)
    finally:
        os.close(fd)


def _counter(path: Path, name: str) -> int:
    if not path.exists():
        return 0
    pairs = (line.split() for line in path.read_text().splitlines())
    return next((int(pair[1]) for pair in pairs if pair[0] == name), 0)


def _groups_in(folder: Path) -> list[Path]:
    """The groups in a group: none when it is gone by now, as those of other servers may be."""
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _remove(folder: Path) -> None:
    """Kill until nobody is left, for some fork as fast as we kill; the next sweep takes who outlasts it."""
    deadline = time.monotonic() + KILL_GRACE
    while folder.exists() and time.monotonic() < deadline:
        try:
            for pid in (folder / "cgroup.procs").read_text().split():
                _kill(int(pid))
            folder.rmdir()
        except OSError:  # somebody is in it still, or another sweep was quicker
            time.sleep(_PAUSE)  # the kernel needs a moment to end who was killed


def _is_abandoned(folder: Path) -> bool:
    """Whether the process that made it, whose id its name tells, is gone."""
    maker = folder.name.split("-")[-2]
    return maker.isdigit() and not Path("/proc", maker).exists()


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # somebody is in it, or was quicker


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
