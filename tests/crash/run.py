"""`make crash`, and with --short `make crash-test`: all that can befall a data folder, on two cores.

python -m tests.crash.run [--short] [--seed N] [--only point,fault] [--seconds N] [--folder F]
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tests.crash import clocks, commands, disks, faults, flips, kills, points, reckoning, sensitivity
from tests.crash.machine import Machine, copy
from tests.crash.scenario import STEPS
from tests.crash.watching import able

Task = tuple[str, Sequence[str | int]]
WORKERS = 2
MEMORY = Path("/dev/shm")
QUIET = ("runner", "logs")  # no part of any promise
SHORT = {"point": 10, "command": 8, "fault": 6, "kill": 20, "flip": 3, "disk": 2, "clock": 4}
"""Of how many tasks of each kind the short form makes do, chosen by the seed."""
KILLS = 2000
CLOCKS = 300
MANY = ("fault", "kill", "flip", "clock")
"""What comes last where there is not the time for all of it: the others are every one that there is."""
FLIPS_AT_ONCE = 25


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--short", action="store_true", help="a sample of each kind, in less than a minute")
    parser.add_argument("--seed", type=int, default=None, help="repeat what an earlier run has chosen")
    parser.add_argument("--only", default="", help=f"of these kinds: {','.join(SHORT)}")
    parser.add_argument("--seconds", type=float, default=None, help="begin nothing after so long")
    parser.add_argument("--folder", type=Path, help="work there, and go on with what was not tried there yet")
    options = parser.parse_args()
    if not able():
        print("crash: this machine lets nobody watch calls (seccomp, x86-64 Linux 5.5): nothing was tried")
        return 0
    seed = options.seed if options.seed is not None else int.from_bytes(os.urandom(3))
    with ExitStack() as rooms:
        made = TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None, prefix="calf-crash-")
        folder = options.folder or Path(rooms.enter_context(made))
        tasks = begin(folder, seed, short=options.short)
        wanted = options.only.split(",") if options.only else list(SHORT)
        tasks = [task for task in tasks if task[0] in wanted]
        until = time.monotonic() + (options.seconds or 1e9)
        return 1 if work_off(folder, tasks, until) else 0


def begin(folder: Path, seed: int, *, short: bool) -> list[Task]:
    """What there is to try, chosen now or, in a folder of before, then."""
    chosen = folder / "tasks.json"
    if chosen.exists():
        print("crash: going on", flush=True)
        return [(kind, rest) for kind, rest in json.loads(chosen.read_text())]
    print(f"crash: seed {seed}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    points.prepare(folder, points.CALLS)
    base(folder)
    commands.prepare(folder)
    tasks = choose(folder, Random(seed), short=short)
    seen = sensitivity.noticed(folder, folder / "wrong")
    print(f"crash: a sweep in the wrong order is noticed at {seen} of 3 points", flush=True)
    assert seen, "what goes wrong would not be noticed"
    chosen.write_text(json.dumps(tasks))
    return tasks


def base(folder: Path) -> None:
    """The folder whose bits are flipped: all steps done, stopped in order; and one with nothing."""
    (folder / "nothing").mkdir()
    copy(folder / "reference", folder / "base")
    machine = Machine(folder / "base")
    machine.up()
    machine.stop()
    copy(folder / "base", folder / "as-it-is")
    assert not (said := flips.faults(folder / "as-it-is")), f"no flip could be told from this: {said}"


def choose(folder: Path, random: Random, *, short: bool) -> list[Task]:
    """All that is to be tried, in an order of chance."""
    every: dict[str, list[Task]] = {kind: [] for kind in SHORT}
    for number in range(len(STEPS)):
        calls = points.known_of(folder, number)["calls"]
        every["point"] += [("point", (number, at)) for at in range(1, calls + 1)]
        if short and random.randrange(5):
            continue  # to count takes a while
        calls = faults.count(folder, number, folder / "count")
        every["fault"] += [
            ("fault", (number, at, random.choice(list(faults.ERRORS)), random.randrange(2)))
            for at in range(1, calls + 1)
        ]
    for name in commands.COMMANDS:
        calls = commands.count(folder, name, folder / "count")
        every["command"] += [("command", (name, at)) for at in range(1, calls + 1)]
    for _ in range(KILLS):
        every["kill"].append(("kill", (random.randrange(len(STEPS)), random.randrange(1 << 30))))
    for _ in range(CLOCKS):
        every["clock"].append(("clock", (random.randrange(len(STEPS)), random.randrange(1 << 30))))
    every["disk"] = _disks(folder / "disk")
    every["flip"] = list(_flips(folder / "base", random, 5 if short else FLIPS_AT_ONCE))
    for tasks in every.values():
        random.shuffle(tasks)
    chosen = [task for kind, tasks in every.items() for task in tasks[: SHORT[kind] if short else None]]
    random.shuffle(chosen)
    chosen.sort(key=lambda task: task[0] in MANY)
    said = ", ".join(f"{len(tasks)} {kind}s" for kind, tasks in every.items())
    print(f"crash: {said}; {len(chosen)} of them are tried", flush=True)
    return chosen


def _disks(disk: Path) -> list[Task]:
    """Each step on each real disk with too little room."""
    if why := disks.able(disk):
        print(f"crash: no small disks here: {why}", flush=True)
        return []
    rooms = [(kind, room) for kind, rooms in disks.ROOMS.items() for room in rooms]
    return [("disk", (kind, number, room)) for kind, room in rooms for number in range(len(STEPS))]


def _flips(folder: Path, random: Random, at_once: int) -> list[Task]:
    """Every byte of each file, so many at once; of the large packs, whose bytes are all alike, some."""
    found: list[Task] = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if not path.is_file() or name.partition("/")[0] in QUIET or not path.stat().st_size:
            continue
        offsets = list(range(path.stat().st_size))
        random.shuffle(offsets)
        found += [
            ("flip", (name, random.randrange(1 << 30), *offsets[start : start + at_once]))
            for start in range(0, min(len(offsets), 20_000), at_once)
        ]
    return found


def work_off(folder: Path, tasks: Sequence[Task], until: float) -> int:
    """Try those that are not told of yet, saying how far it is; how many found something wrong."""
    began = time.monotonic()
    places, tally = [0] * WORKERS, reckoning.Tally(Counter(kind for kind, _ in tasks))
    _take_in(folder, places, tally)
    rest = [task for task in tasks if json.dumps(task) not in tally.tasks]
    children = [_worker(folder, number, rest[number::WORKERS], until) for number in range(WORKERS)]
    shown = began
    while children:
        children = [pid for pid in children if os.waitpid(pid, os.WNOHANG)[0] == 0]
        _take_in(folder, places, tally)
        if time.monotonic() - shown > 15:
            shown = time.monotonic()
            print(f"crash: {tally.line()} after {shown - began:.0f} s", flush=True)
        time.sleep(0.05)
    for line in tally.table(WORKERS):
        print(f"crash: {line}", flush=True)
    early = len(tasks) - len(tally.tasks) if time.monotonic() < until else 0
    if early:
        print(f"crash: {early} were not tried: a process of ours ended early", flush=True)
    return tally.bad + early


def _take_in(folder: Path, places: list[int], tally: reckoning.Tally) -> None:
    for number in range(WORKERS):
        for line in _lines(folder, number, places):
            tally.add(line)
            if line["wrong"]:
                print(f"crash: WRONG {line['task']}: {line['wrong']}", flush=True)


def _lines(folder: Path, number: int, places: list[int]) -> list[dict[str, Any]]:
    path = folder / f"told-{number}"
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(places[number])
        whole = file.read().rpartition(b"\n")[0]
    places[number] += len(whole) + 1 if whole else 0
    return [json.loads(line) for line in whole.splitlines()]


def _worker(folder: Path, number: int, tasks: Sequence[Task], until: float) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    work = folder / f"worker-{number}"
    work.mkdir(exist_ok=True)
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    with (folder / f"told-{number}").open("a") as out:
        for task in tasks:
            told: Counter[str] = Counter()
            began = time.monotonic()
            if began > until:
                break
            try:
                wrong = attempt(folder, task, work, told)
            except Exception:  # noqa: BLE001 - the loop of a worker: what went wrong is told, the rest tried
                wrong = [traceback.format_exc()[-1500:]]
            took = round(time.monotonic() - began, 2)
            line = {"task": task, "told": told, "wrong": wrong, "seconds": took}
            print(json.dumps(line), file=out, flush=True)
    os._exit(0)


def attempt(folder: Path, task: Task, work: Path, told: Counter[str]) -> list[str]:
    """Do one; what is wrong."""
    kind, rest = task
    home = work / "home"
    if kind == "command":
        return commands.one(folder, str(rest[0]), int(rest[1]), work)
    if kind == "flip":
        name, seed, *offsets = rest
        tally = flips.try_flips(folder / "base", str(name), [int(each) for each in offsets], int(seed), home)
        told.update(flips=tally.flips, flips_found=tally.found, flips_harmless=tally.harmless)
        told.update({f"flips unnoticed in {what}": count for what, count in tally.unnoticed.items()})
        return tally.wrong
    if kind == "disk":
        return disks.one(folder, str(rest[0]), int(rest[1]), int(rest[2]), work / "disk")
    if kind == "fault":
        number, at, error, lasts = rest
        code = faults.ERRORS[str(error)]
        return faults.one(folder, int(number), faults.Failing(home, int(at), code, lasts=bool(lasts)))
    number, last = int(rest[0]), int(rest[1])
    if kind == "kill":
        return kills.one(folder, number, last, home)
    if kind == "clock":
        return clocks.one(folder, number, last, home)
    return points.one(folder, number, last, points.CALLS, home)


if __name__ == "__main__":
    sys.exit(main())
