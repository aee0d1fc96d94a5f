"""A server, a worker or a stage is killed at a random moment; all goes on as if nothing had been."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Timer

from calf.kit.errors import CalfError
from tests.crash.machine import Machine, copy
from tests.crash.points import after, known_of
from tests.crash.scenario import STEPS, Acknowledged

LONGEST = 0.6
"""Seconds after which the latest one is killed; a step with a job takes about as long."""


def one(folder: Path, number: int, seed: int, home: Path) -> list[str]:
    """Kill in step `number` who and when the seed says; what is wrong afterwards."""
    random, step, known = Random(seed), STEPS[number], known_of(folder, number)
    copy(folder / f"before-{number}", home)
    machine, done = Machine(home), Acknowledged()
    machine.up()
    assert machine.child is not None
    server = machine.child.pid
    whom = random.choice(["server", "below", "below"])
    killer = Timer(random.uniform(0, LONGEST), lambda: kill(server, whom, random))
    killer.start()
    with suppress(CalfError):
        step.do(machine.get(), known["plan"], done)
    killer.join()
    machine.lost()
    found = after(machine, step, known, done)
    machine.lost()
    return [f"{each} (seed {seed})" for each in found]


def kill(server: int, whom: str, random: Random) -> None:
    """Kill the server, or one of the processes that it has started and what these have."""
    pids = below(server) if whom == "below" else []
    with suppress(ProcessLookupError):
        os.kill(random.choice(pids) if pids else server, signal.SIGKILL)


def below(pid: int) -> list[int]:
    """All descendants of a process."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, path.read_text().split()):
                found += [child, *below(child)]
    return found
