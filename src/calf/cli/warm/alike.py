"""Whether another process is what this one is, by the kernel's word: only then may one act for the other."""

from __future__ import annotations

import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass

_LINES = (
    b"TracerPid:",
    b"Uid:",
    b"Gid:",
    b"Groups:",
    b"Cap",
    b"NoNewPrivs:",
    b"Seccomp",
    b"Cpus_allowed:",
    b"Mems_allowed:",
)
"""How lines of a process's status begin that say what it may do, and whether somebody traces it."""
_SPACES = ("net", "ipc", "uts", "time")
"""Besides those that `door.peer` asks for."""
_LIMITS = tuple(sorted({getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")}))
_MUCH = 1 << 16


@dataclass(frozen=True, slots=True)
class Standing:
    """What a process may do and see; compared as it is."""

    status: Sequence[bytes]
    spaces: Sequence[int]
    root: tuple[int, int]
    scheduler: int


@dataclass(frozen=True, slots=True)
class Habits:
    """What a process has that another can take over: signals as sets of bits, the lowest is signal 1."""

    umask: int
    ignored: int
    blocked: int
    priority: int
    limits: Sequence[tuple[int, int]]


def look(pid: int) -> tuple[Standing, Habits]:
    """The standing and the habits of a process. Raises OSError, and ValueError where the kernel says less."""
    lines = _read(f"/proc/{pid}/status").split(b"\n")
    root = os.stat(f"/proc/{pid}/root")  # noqa: PTH116 - before each command
    standing = Standing(
        [*(line for line in lines if line.startswith(_LINES)), _label(pid)],
        [os.stat(f"/proc/{pid}/ns/{name}").st_ino for name in _SPACES],  # noqa: PTH116 - the same
        (root.st_dev, root.st_ino),
        os.sched_getscheduler(pid),
    )
    habits = Habits(
        _value(lines, b"Umask:", 8),
        _value(lines, b"SigIgn:", 16),
        _value(lines, b"SigBlk:", 16),
        os.getpriority(os.PRIO_PROCESS, pid),
        [resource.prlimit(pid, each) for each in _LIMITS],
    )
    return standing, habits


def take_over(theirs: Habits, ours: Habits) -> None:
    """Get their habits, but for signals. Raises OSError or ValueError where this process may not."""
    os.umask(theirs.umask)
    if theirs.priority != ours.priority:
        os.setpriority(os.PRIO_PROCESS, 0, theirs.priority)
    for which, limit, own in zip(_LIMITS, theirs.limits, ours.limits, strict=True):
        if limit != own:
            resource.setrlimit(which, limit)


def _label(pid: int) -> bytes:
    """What a security module calls the process; empty where there is none."""
    try:
        return _read(f"/proc/{pid}/attr/current")
    except OSError:
        return b""


def _read(file: str) -> bytes:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _MUCH)
    finally:
        os.close(descriptor)


def _value(lines: Sequence[bytes], name: bytes, base: int) -> int:
    for line in lines:
        if line.startswith(name):
            return int(line[len(name) :], base)
    raise ValueError(f"the kernel does not say {name.decode()} of processes")
