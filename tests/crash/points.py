"""A server is killed before every call that makes something durable; what was acknowledged must be there."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from calf.kit.errors import CalfError
from tests.crash import scenario
from tests.crash.machine import Machine, copy
from tests.crash.scenario import STEPS, Acknowledged, Step

CALLS = [
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "ftruncate",
    "link",
    "linkat",
]


def watched(home: Path, path: str) -> bool:
    return path.startswith(str(home)) and not path.endswith("-shm") and "server.log" not in path


class Counter:
    """Counts calls of the watched processes once `armed`; at number `at` kills who makes it."""

    def __init__(self, home: Path, at: int = 0) -> None:
        self.home, self.at, self.count, self.armed = home, at, 0, False
        self.server = 0
        self.places: list[str] = []

    def __call__(self, thread: int, call: str, path: str) -> int | None:
        if not self.armed or not watched(self.home, path):
            return 0
        self.count += 1
        self.places.append(f"{call} {os.path.relpath(path, self.home)}")
        if self.count != self.at:
            return 0
        os.kill(self.server, signal.SIGKILL)
        return None

    def met(self, pid: int) -> None:
        """Whom to kill, known before the first call."""
        self.server = pid


def known_of(folder: Path, number: int) -> dict[str, Any]:
    """What `prepare` has noted of a step."""
    known: dict[str, Any] = pickle.loads((folder / f"before-{number}.known").read_bytes())
    return known


def prepare(folder: Path, calls: list[str]) -> None:
    """Do it all once, and keep the folder as it was before each step, with what is to be known of it."""
    machine = Machine(folder / "reference")
    machine.home.mkdir(parents=True)
    counter = Counter(machine.home)
    machine.up(calls, counter)
    for number, step in enumerate(STEPS):
        client = machine.get()
        known: dict[str, Any] = {"plan": step.plan(client), "finished": scenario.finished(client)}
        machine.lost()
        copy(machine.home, folder / f"before-{number}")
        counter = Counter(machine.home)
        assert machine.up(calls, counter)
        counter.armed = True
        step.do(machine.get(), known["plan"], Acknowledged())
        time.sleep(0.05)
        counter.armed = False
        known["calls"], known["places"] = counter.count, counter.places
        known["after"] = scenario.finished(machine.get())
        known["heads"] = scenario.heads(machine.get())
        known["trouble"] = scenario.faults(machine.get()) + scenario.bad_jobs(machine.get())
        (folder / f"before-{number}.known").write_bytes(pickle.dumps(known))
    machine.lost()


def one(folder: Path, number: int, at: int, calls: list[str], home: Path) -> list[str]:
    """Kill the server in step `number` before its call `at`; what is wrong afterwards."""
    step: Step = STEPS[number]
    known = known_of(folder, number)
    copy(folder / f"before-{number}", home)
    machine = Machine(home)
    machine.log.unlink(missing_ok=True)
    counter = Counter(home, at)
    done = Acknowledged()
    assert machine.up(calls, counter)
    assert machine.child is not None
    counter.server = machine.child.pid
    counter.armed = True
    try:
        step.do(machine.get(), known["plan"], done)
        time.sleep(0.02)
    except CalfError:
        pass
    where = counter.places[at - 1] if counter.count >= at else "not reached"
    machine.lost()
    found = [f"{each} (at {where})" for each in after(machine, step, known, done)]
    machine.lost()
    return found


def after(machine: Machine, step: Step, known: dict[str, Any], done: Acknowledged) -> list[str]:
    """What is wrong with a folder whose server was lost."""
    found: list[str] = []
    try:
        found.extend(_after(machine, step, known, done))
    except CalfError as error:
        found.append(f"{error.category.value}: {error.message}")
    return found


def _after(machine: Machine, step: Step, known: dict[str, Any], done: Acknowledged) -> Iterator[str]:
    """What is wrong with a folder whose server was lost."""
    if not machine.up():
        yield f"the server does not start: {machine.log.read_text()[-2000:]}"
        return
    client = machine.get()
    now = scenario.finished(client)
    for commit, digest in known["finished"].items():
        if now.get(commit, None if step.removes else "") not in (digest, None):
            yield f"{commit} is another one"
        if commit not in now and not (step.removes and commit not in known["after"]):
            yield f"{commit} is lost"
    ids = {commit.rpartition("@")[2] for commit in now}
    yield from (f"{commit} was acknowledged and is lost" for commit in done.commits if commit not in ids)
    yield from scenario.faults(client)
    step.do(client, known["plan"], Acknowledged())
    if (got := scenario.heads(client)) != known["heads"]:
        yield f"it comes to something else: {sorted(set(got.items()) ^ set(known['heads'].items()))}"
    yield from scenario.faults(client)
    yield from scenario.bad_jobs(client)
