"""Many clients of all kinds at once on one server, and what must hold meanwhile and afterwards.

`python -m tests.load.load --seconds 600` prints one table and ends with 1 when a figure is not met. The last
rounds are short: the server is stopped in the midst of everything, and started again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from calf.client.connection import connect
from calf.wire.messages import pfs
from tests.load import judging
from tests.load.diary import Diary
from tests.load.serving import Sample, Server, sampled, serving
from tests.load.sharing import branch, repo
from tests.load.staging import build_stage
from tests.load.table import Row, show

ROOT = Path(__file__).parents[2]
FOREIGN = {
    "python_pachyderm": ROOT / ".cache/envs/python-pachyderm/bin/python",
    "pachyderm_sdk": ROOT / ".cache/envs/pachyderm-sdk/bin/python",
}
Process = subprocess.Popen[str]
SHORT = 6.0
"""Seconds of a round whose purpose is its end."""
BACKUPS = 12.0
SLOWEST = 0.1
MOST_GROWTH, MOST_LOG = 64 << 20, 64 << 20
LONGEST_STOP = 5.0


@dataclass
class Seen:
    """All that was noted, over all rounds; samples are those of the first round, which is the long one."""

    diary: Diary = field(default_factory=Diary)
    looks: list[tuple[float, float]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    stops: list[float] = field(default_factory=list)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    impatient: list[str] = field(default_factory=list)
    backups: list[str] = field(default_factory=list)

    def note(self, what: str, wrong: Iterator[str] | list[str]) -> None:
        """Whatever there is of what must not be."""
        self.wrong.setdefault(what, []).extend(wrong)


def parties(asked: argparse.Namespace) -> dict[str, int]:
    """How many clients of each kind; where a foreign library is not installed there are more of ours."""
    several = max(2, asked.clients // 8)
    found = {kind: several for kind, python in FOREIGN.items() if python.exists()}
    found |= {"owning": several, "looking": max(2, asked.clients // 10), "collecting": 1}
    return found | {"sharing": max(2, asked.clients - sum(found.values()))}


def start(asked: argparse.Namespace, server: Server, prefix: str) -> dict[str, Process]:
    """The clients, one process for each kind; they wait to be told when their lives are to end."""
    started = {}
    for kind, number in parties(asked).items():
        words = ["--address", server.address, "--prefix", prefix, "--clients", str(number)]
        words += ["--pause", str(asked.pause)]
        if kind in FOREIGN:
            command = [str(FOREIGN[kind]), "-m", f"tests.load.with_{kind}", *words]
        else:
            own = ["--kind", kind, "--python", f"{sys.base_prefix}/bin/python3"]
            command = [sys.executable, "-m", "tests.load.ours", *own, *words]
        started[kind] = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    return started


def let_loose(clients: Iterable[Process], seconds: float) -> float:
    """Have them begin, all at once; gives the end of their lives, by `time.monotonic`."""
    clients = list(clients)
    for process in clients:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.args
    until = time.monotonic() + seconds
    for process in clients:
        assert process.stdin is not None
        process.stdin.write(f"{until}\n")
        process.stdin.flush()
    return until


def lay_out(address: str, prefix: str) -> None:
    """The repos that several clients use."""
    with connect(address) as client:
        for name in ("shared", "log", "left", "right"):
            client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo(f"{prefix}{name}")))
        for name, of in (("line", "shared"), ("master", "shared"), ("master", "log")):
            client.pfs.CreateBranch(pfs.CreateBranchRequest(branch=branch(name, f"{prefix}{of}")))


def play(asked: argparse.Namespace, home: Path, number: int, seconds: float, seen: Seen) -> None:
    """A round: start, load, stop in the midst of it, start again, judge."""
    prefix, diary, backup = f"r{number}-", Diary(), home.parent / "backup"
    with serving(home) as server:
        lay_out(server.address, prefix)
        clients = start(asked, server, prefix)
        until = let_loose(clients.values(), seconds)
        with sampled(server):
            next_backup = time.monotonic() + BACKUPS / 2
            while time.monotonic() < until + 0.3:
                time.sleep(0.1)
                if time.monotonic() > next_backup and until - time.monotonic() > 2:
                    seen.backups.append(_back_up(home, backup))
                    next_backup = time.monotonic() + BACKUPS
        seen.stops.append(server.stop())
        seen.samples = seen.samples or server.samples
        for kind, process in clients.items():
            told = _ended(process)
            seen.note("clients that hang", [] if told else [kind])
            if told:
                notes = Diary.of(told)
                diary.add(notes)
                seen.looks += notes.looks if kind == "looking" else []
        seen.note("processes left behind", server.left_behind())
    with serving(home) as server, connect(server.address) as client:
        seen.note("files lost or wrong", judging.lost_files(client, diary))
        seen.note("appended lines lost or doubled", judging.lost_lines(client, diary, prefix))
        seen.note("heads out of order", judging.unordered_heads(client, diary, prefix))
        seen.note("commits that changed", judging.changed_commits(diary))
        seen.note("transactions torn", judging.torn_transactions(client, prefix))
        seen.note("outputs that are no function of the input", judging.impure_outputs(client))
        seen.note("damage", judging.damage(client))
        server.stop()
        seen.note("errors in the server's log", server.said() if number == asked.stops else [])
        seen.impatient = server.impatient()
    seen.diary.add(diary)
    if number == asked.stops and "" in seen.backups:
        seen.note("damage in a backup", judging.damage_of_backup(backup, home.parent / "restored"))


def _back_up(home: Path, to: Path) -> str:
    """Nothing, or why there is none."""
    words = ["backup", "--home", str(home), str(to)]
    done = subprocess.run(
        [sys.executable, "-m", "calf.daemon.main", *words], capture_output=True, check=False
    )
    return done.stderr.decode() if done.returncode else ""


def _ended(process: Process) -> str:
    """What it wrote; nothing when it hangs."""
    try:
        return process.communicate(timeout=60)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return ""


def rows(seen: Seen, slowest: float) -> Iterator[Row]:
    """The table."""
    for what, wrong in seen.wrong.items():
        yield Row(what, str(len(wrong)), "0", not wrong)
    yield Row("errors that must not be", str(len(seen.diary.broken)), "0", not seen.diary.broken)
    took = [seconds for _, seconds in sorted(seen.looks)]
    for name, part, most in (("p50", 0.5, 0.0), ("p99", 0.99, slowest)):
        whole, parts = _quantile(took, part), [_quantile(sixth, part) for sixth in _sixths(took)]
        shown = ", ".join(f"{each * 1000:.0f}" for each in parts)
        figure = f"{whole * 1000:.1f} ms; by sixths of the time {shown}"
        goal = f"{most * 1000:.0f} ms" if most else ""
        yield Row(f"{name} of calls for metadata", figure, goal, not most or whole <= most)
    samples = seen.samples
    third = samples[len(samples) // 3 :]
    grown = third[-1].memory - third[0].memory
    shown = ", ".join(f"{samples[-1 - len(samples) * part // 6].memory >> 20}" for part in range(5, -1, -1))
    yield Row(
        "memory, six times, in MiB; growth after a third",
        f"{shown}; {grown >> 20}",
        f"{MOST_GROWTH >> 20} MiB",
        grown <= MOST_GROWTH,
    )
    for name in ("descriptors", "threads"):
        began, ended = (
            max(getattr(it, name) for it in part)
            for part in (third[: len(third) // 2], third[len(third) // 2 :])
        )
        yield Row(
            f"{name}, most in the second and the last third",
            f"{began} and {ended}",
            "+64",
            ended <= began + 64,
        )
    log = max(each.log for each in samples)
    yield Row("log of the database", f"{log / (1 << 20):.1f} MiB", f"{MOST_LOG >> 20} MiB", log <= MOST_LOG)
    longest = max(seen.stops)
    stops = ", ".join(f"{each:.1f}" for each in seen.stops)
    yield Row("stops in the midst of it", f"{stops} s", f"{LONGEST_STOP:.0f} s", longest <= LONGEST_STOP)
    yield Row(
        "of these without waiting for all", f"{len(seen.impatient)} {' '.join(seen.impatient)}", "", True
    )
    cpu = (samples[-1].cpu - samples[0].cpu) / (samples[-1].at - samples[0].at)
    yield Row("CPU of the server and its ended stages", f"{cpu:.2f} cores", "", True)
    jobs = f"p50 {_quantile(seen.diary.jobs, 0.5):.1f} s, p99 {_quantile(seen.diary.jobs, 0.99):.1f} s"
    yield Row("from a put to the end of what follows", jobs, "", True)
    refused = Counter(why.splitlines()[0] for why in seen.backups if why)
    made = ", ".join(
        [f"{seen.backups.count('')} made", *(f"{many} x {why}" for why, many in refused.items())]
    )
    yield Row("backups meanwhile", made, "", True)


def _sixths(values: list[float]) -> list[list[float]]:
    bounds = [len(values) * part // 6 for part in range(7)]
    return [values[begin:end] for begin, end in pairwise(bounds)]


def _quantile(values: list[float], part: float) -> float:
    return sorted(values)[int(len(values) * part)] if values else 0.0


def main() -> int:
    """One table; 1 when something is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument(
        "--pause", type=float, default=0.5, help="a client's rest between two works, in seconds"
    )
    parser.add_argument(
        "--stops", type=int, default=2, help="short rounds that end in the midst of everything"
    )
    parser.add_argument(
        "--slowest", type=float, default=SLOWEST, help="p99 of calls for metadata, in seconds"
    )
    asked = parser.parse_args()
    seen = Seen()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "work" / "home"
        build_stage(home, Path(folder) / "stage")
        for number in range(asked.stops + 1):
            play(asked, home, number, SHORT if number else asked.seconds, seen)
    return show(list(rows(seen, asked.slowest)), seen.diary, seen.wrong, parties(asked))


if __name__ == "__main__":
    sys.exit(main())
