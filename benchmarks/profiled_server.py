"""A server under cProfile, every thread of it: `profiled_server.py OUT serve --home HOME --address ADDRESS`.

`BENCH_PROFILE=FOLDER` has every benchmark start its servers so, and leave the peers out. At its end a server
writes FOLDER/<number>.txt: functions by the CPU seconds spent in themselves, then by those spent below them.
Profiled code is twice as slow, small functions more so: what counts is the order, and the number of calls.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import sys
import threading
import time
from pathlib import Path

from calf.daemon.main import main

SHOWN = 45
_profiles: list[cProfile.Profile] = []


def profiled() -> None:
    """Have each thread profile itself from its start."""
    run = threading.Thread.run

    def run_profiled(self: threading.Thread) -> None:
        profile = cProfile.Profile(time.thread_time)
        _profiles.append(profile)
        profile.enable()
        try:
            run(self)
        finally:
            profile.disable()

    threading.Thread.run = run_profiled  # type: ignore[method-assign]


def report(folder: Path) -> None:
    """Write what all threads did, those that still run left out."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{os.getpid()}.txt").open("w") as out:
        stats = pstats.Stats(stream=out)
        for profile in _profiles:
            profile.create_stats()
            if getattr(profile, "stats", None):  # create_stats makes it
                stats.add(profile)
        for order in ("tottime", "cumulative"):
            stats.sort_stats(order).print_stats(SHOWN)


if __name__ == "__main__":
    place = Path(sys.argv.pop(1))
    profiled()
    try:
        main()
    finally:
        report(place)
