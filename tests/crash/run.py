"""`make crash`, and with --short `make crash-test`: all that can befall a data folder, on two cores.

python -m tests.crash.run [--short] [--seed N]
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
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tests.crash import commands, faults, flips, kills, points, sensitivity
from tests.crash.machine import Machine, copy
from tests.crash.scenario import STEPS
from tests.crash.watching import able

Task = tuple[str, Sequence[str | int]]
WORKERS = 2
MEMORY = Path("/dev/shm")
QUIET = ("runner", "logs")  # no part of any promise
SHORT = {"point": 10, "command": 8, "fault": 6, "kill": 20, "flip": 3}
"""Of how many tasks of each kind the short form makes do, chosen by the seed."""
KILLS = 2000
SLOW = 8.0
"""Seconds after which one is said to have been slow: something waited for a limit of time."""
FLIPS_AT_ONCE = 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--short", action="store_true", help="a sample of each kind, in less than a minute")
    parser.add_argument("--seed", type=int, default=None, help="repeat what an earlier run has chosen")
    options = parser.parse_args()
    if not able():
        print("crash: this machine lets nobody watch calls (seccomp, x86-64 Linux 5.5): nothing was tried")
        return 0
    seed = options.seed if options.seed is not None else int.from_bytes(os.urandom(3))
    print(f"crash: seed {seed}", flush=True)
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None, prefix="calf-crash-") as made:
        folder = Path(made)
        points.prepare(folder, points.CALLS)
        base(folder)
        commands.prepare(folder)
        tasks = choose(folder, Random(seed), short=options.short)
        seen = sensitivity.noticed(folder, folder / "wrong")
        print(f"crash: a sweep in the wrong order is noticed at {seen} of 3 points", flush=True)
        bad = work_off(folder, tasks)
    return 1 if bad or not seen else 0


def base(folder: Path) -> None:
    """The folder whose bits are flipped: all steps done, stopped in order; and one with nothing."""
    (folder / "nothing").mkdir()
    copy(folder / "reference", folder / "base")
    machine = Machine(folder / "base")
    machine.up()
    machine.stop()


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
    every["flip"] = list(_flips(folder / "base", random, 5 if short else FLIPS_AT_ONCE))
    for tasks in every.values():
        random.shuffle(tasks)
    chosen = [task for kind, tasks in every.items() for task in tasks[: SHORT[kind] if short else None]]
    random.shuffle(chosen)
    said = ", ".join(f"{len(tasks)} {kind}s" for kind, tasks in every.items())
    print(f"crash: {said}; {len(chosen)} of them are tried", flush=True)
    return chosen


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


def work_off(folder: Path, tasks: Sequence[Task]) -> int:
    """Try them on all processes, saying how far it is; how many found something wrong."""
    began = time.monotonic()
    children = [_worker(folder, number, tasks[number::WORKERS]) for number in range(WORKERS)]
    told: Counter[str] = Counter()
    places, bad, shown = [0] * WORKERS, 0, began
    while children or any(_fresh(folder, number, places) for number in range(WORKERS)):
        children = [pid for pid in children if os.waitpid(pid, os.WNOHANG)[0] == 0]
        for number in range(WORKERS):
            for line in _lines(folder, number, places):
                told.update(line["told"])
                bad += bool(line["wrong"])
                if line["wrong"]:
                    print(f"crash: WRONG {line['task']}: {line['wrong']}", flush=True)
        if time.monotonic() - shown > 15:
            shown = time.monotonic()
            print(f"crash: {dict(sorted(told.items()))} after {shown - began:.0f} s, {bad} wrong", flush=True)
        time.sleep(0.05)
    done = sum(count for name, count in told.items() if name in SHORT)
    print(f"crash: {dict(sorted(told.items()))} in {time.monotonic() - began:.0f} s: {bad} wrong", flush=True)
    if done != len(tasks):
        print(f"crash: {len(tasks) - done} were not tried: a process of ours ended early", flush=True)
    return bad + len(tasks) - done


def _fresh(folder: Path, number: int, places: list[int]) -> bool:
    path = folder / f"told-{number}"
    return path.exists() and path.stat().st_size > places[number]


def _lines(folder: Path, number: int, places: list[int]) -> list[dict[str, Any]]:
    path = folder / f"told-{number}"
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(places[number])
        whole = file.read().rpartition(b"\n")[0]
    places[number] += len(whole) + 1 if whole else 0
    return [json.loads(line) for line in whole.splitlines()]


def _worker(folder: Path, number: int, tasks: Sequence[Task]) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    work = folder / f"worker-{number}"
    work.mkdir()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    with (folder / f"told-{number}").open("w") as out:
        for task in tasks:
            told: Counter[str] = Counter({task[0]: 1})
            began = time.monotonic()
            try:
                wrong = attempt(folder, task, work, told)
            except Exception:  # noqa: BLE001 - the loop of a worker: what went wrong is told, the rest tried
                wrong = [traceback.format_exc()[-1500:]]
            if time.monotonic() - began > SLOW:
                told[f"slow: {task[0]}"] += 1
            print(json.dumps({"task": task, "told": told, "wrong": wrong}), file=out, flush=True)
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
    if kind == "fault":
        number, at, error, lasts = rest
        code = faults.ERRORS[str(error)]
        return faults.one(folder, int(number), faults.Failing(home, int(at), code, lasts=bool(lasts)))
    number, last = int(rest[0]), int(rest[1])
    if kind == "kill":
        return kills.one(folder, number, last, home)
    return points.one(folder, number, last, points.CALLS, home)


if __name__ == "__main__":
    sys.exit(main())
