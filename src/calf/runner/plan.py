"""What a sandbox must look like, whichever backend builds it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

HOSTNAME = "calf"
USER_ID = 1000
# Who runs calf as root is root inside too, without capabilities; parts of /proc ask for no more than that.
_PROC = Path("/proc")
_READ_ONLY = ("acpi", "asound", "bus", "driver", "fs", "irq", "mtrr", "scsi", "sys", "sysrq-trigger")
_HIDDEN = ("kcore", "keys", "latency_stats", "sched_debug", "timer_list")
READ_ONLY_PROC, HIDDEN_PROC = (tuple(map(_PROC.joinpath, names)) for names in (_READ_ONLY, _HIDDEN))
SCRIPTS = Path(__file__).parent / "inside"


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or folder of this machine that appears at `target`; read-only unless `writable`."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Base:
    """An image of a container engine, by its `id`, that a stage stands on instead of this machine's system.

    `variables` are those that it sets; `user` gives the number of a user by the name that a spec has (empty
    for none), None where nobody is named.
    """

    id: str
    variables: tuple[str, ...]
    user: Callable[[str], int | None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What all processes of a sandbox have in common.

    `folders` are empty folders to have inside, `links` pairs of (target, where the link is), `binds` in
    order of mounting. `place` is a private folder of this machine where a backend may keep files. What it
    keeps from process to process is let go by closing `kept`. With a `base`, which only what is kept can
    have, all this is shown on that; `python` begins a command line that runs our scripts inside.
    """

    place: Path
    binds: tuple[Bind, ...]
    folders: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    user: int = USER_ID
    base: Base | None = None
    python: tuple[str, ...] = ()
    kept: ExitStack = field(default_factory=ExitStack, compare=False)


@dataclass(frozen=True, slots=True)
class Inside:
    """One process, as it is to be inside; `doors` as `Command.doors`, for launchers that enter them, and
    `limits` as in `rlimits`, for those.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    doors: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)


def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start it from outside: `handed` are descriptors to inherit, which are closed here once it runs.

    `finish`, called when it has ended, ends and removes what may be left. With `enters` the process enters
    its control groups by itself, since what is started outside is not its parent.
    """

    argv: tuple[str, ...]
    handed: tuple[int, ...] = ()
    finish: Callable[[], None] = _nothing
    enters: bool = False


Launcher = Callable[[Inside], Launch]


def protected_proc() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What of `/proc` to make read-only and what to cover, of what this kernel has."""
    return (
        tuple(str(path) for path in READ_ONLY_PROC if path.exists()),
        tuple(str(path) for path in HIDDEN_PROC if path.exists()),
    )


def interpreter() -> str:
    """The Python that runs scripts inside sandboxes: this machine's own, not a virtual environment's."""
    return f"{sys.base_prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def script(name: str) -> tuple[str, ...]:
    """The start of a command line for one of the scripts of `inside`, run on this machine."""
    return (interpreter(), "-I", "-S", str(SCRIPTS / name))
