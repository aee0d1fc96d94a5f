"""The machine's clock is set, back or forward by days, while a step is under way; all goes on in order."""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Timer
from typing import Any

import calf.kit.clock
from calf.client.connection import Client
from calf.kit.errors import CalfError
from calf.wire.messages import pfs, pps
from tests.crash import scenario
from tests.crash.machine import Machine, copy
from tests.crash.points import after, known_of
from tests.crash.scenario import OUTPUT, STEPS, Acknowledged

DAYS = (-400, -30, -1, -0.01, 0.01, 1, 30, 400)
_PATIENCE = 30.0


class SetClock:
    """What `calf.kit.clock` takes for the module `time`, in this process and those that it forks."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 8)

    def set(self, seconds: float) -> None:
        """Be wrong by so much from now on."""
        self._shared[:] = struct.pack("d", seconds)

    def time(self) -> float:
        """Seconds since the epoch, as this machine has it."""
        wrong: float = struct.unpack("d", self._shared[:])[0]
        return time.time() + wrong


def one(folder: Path, number: int, seed: int, home: Path) -> list[str]:
    """Set the clock twice in step `number`, as the seed says; what is wrong then, and after a start."""
    random, step, known = Random(seed), STEPS[number], known_of(folder, number)
    clock = SetClock()
    vars(calf.kit.clock)["time"] = clock
    copy(folder / f"before-{number}", home)
    machine, done = Machine(home), Acknowledged()
    clock.set(random.choice(DAYS) * 86400)
    machine.up()
    timers = [Timer(random.uniform(0, 0.6), clock.set, [random.choice(DAYS) * 86400]) for _ in range(2)]
    timers.append(Timer(_PATIENCE, machine.lost))  # what hangs is told as a failure
    for timer in timers:
        timer.start()
    try:
        found = list(_during(machine.get(), number, known, done))
    except CalfError as error:
        found = [f"the clock makes it fail: {error.category.value}: {error.message}"]
    for timer in timers:
        timer.cancel()
    machine.lost()
    clock.set(0)
    found += after(machine, step, known, done)
    machine.lost()
    return [f"{each} (seed {seed})" for each in found]


def _during(client: Client, number: int, known: dict[str, Any], done: Acknowledged) -> Iterator[str]:
    STEPS[number].do(client, known["plan"], done)
    if (got := scenario.heads(client)) != known["heads"]:
        yield f"it comes to something else: {sorted(set(got.items()) ^ set(known['heads'].items()))}"
    yield from scenario.faults(client)
    yield from scenario.bad_jobs(client)
    jobs = [info.job.id for info in client.pps.ListJob(pps.ListJobRequest())]
    request = pfs.ListCommitRequest(repo=scenario.repo(OUTPUT))
    commits = [info.commit.id for info in client.pfs.ListCommit(request)] if jobs else []
    both = set(jobs) & set(commits)
    if [each for each in jobs if each in both] != [each for each in commits if each in both]:
        yield "jobs and commits are not in one order"
