"""The circumstances that a result must not depend on, dealt to a few runs so that each differs somewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

NOT_DATED = ("evaluate",)
"""Stages that keep the day: libfaketime breaks `sleep` in the kernel of their notebook."""
FAKETIME = Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "faketime/libfaketimeMT.so.1"
_DAYS = 1500
_EAST, _WEST = "EAST-14", "WEST+12"
"""Zones so far apart that at any hour one of them has another day than the first run's, which is in UTC."""


@dataclass(frozen=True, slots=True)
class Variation:
    """One run's circumstances. Every run has a folder and an engine of its own.

    `prefix` stands before the command that starts the engine, `engine` is added to its environment and
    `options` to its words. `stage` goes into the environment of each stage by way of the specs, and `date`
    into that of all but `NOT_DATED`; `transform` goes into their block of that name; `workers` is how many
    share the datums of ingest. `backwards` commits the photos from last to first, in two commits.
    """

    name: str
    differs: tuple[str, ...]
    prefix: tuple[str, ...] = ()
    engine: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    stage: Mapping[str, str] = field(default_factory=dict)
    date: Mapping[str, str] = field(default_factory=dict)
    transform: Mapping[str, str] = field(default_factory=dict)
    workers: int = 2
    backwards: bool = False


def variations() -> tuple[list[Variation], list[str]]:
    """All runs, the one that the others are compared with first; and what cannot be varied here, and why."""
    user, no_user = _other_user()
    date, no_date = _other_date()
    runs = [
        Variation("first", ("what the others are compared with",)),
        Variation("again", ("nothing but the folder",)),
        Variation(
            "one core",
            ("one visible core", "time zone", "locale", "hash seed of the engine", "one stage at a time"),
            prefix=("taskset", "-c", str(min(os.sched_getaffinity(0)))),
            engine={"PYTHONHASHSEED": "4711", "TZ": _EAST, "LC_ALL": "tr_TR.UTF-8"},
            options=("--workers", "1"),
            stage={"TZ": _EAST, "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
        ),
        Variation(
            "elsewhere",
            (
                "user of the stages",
                *(["user of the engine"] if user else []),
                *(["date"] if date else []),
                "home and working folder",
                "file mode mask",
                "order of the photos",
                "number of workers",
            ),
            prefix=(*user, "sh", "-c", 'umask 077 && exec "$@"', "sh"),
            engine={"HOME": "/tmp", "USER": "someone", "LOGNAME": "someone"},  # noqa: S108 - any other will do
            stage={"HOME": "/var/tmp", "USER": "someone", "TZ": _WEST},  # noqa: S108 - any other will do
            date=date,
            transform={"user": "4321", "working_dir": "/tmp"},  # noqa: S108 - any other will do
            workers=3,
            backwards=True,
        ),
    ]
    return runs, [reason for reason in (no_user, no_date) if reason]


def _other_user() -> tuple[tuple[str, ...], str]:
    """What makes a command another user's, by a user namespace, since root's files may be for root only."""
    words = ("unshare", "--user", "--map-user=1234", "--map-group=1234")
    if shutil.which("unshare"):
        tried = subprocess.run([*words, "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return words, ""
    return (), "user of the engine: this machine allows no user namespaces"


def _other_date() -> tuple[dict[str, str], str]:
    """What makes a stage see another date, by libfaketime, since a clock is the whole machine's."""
    if FAKETIME.is_file():
        shown = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"+{_DAYS}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        return shown, ""
    return {}, "date: libfaketime is not installed (apt-get install libfaketime)"
