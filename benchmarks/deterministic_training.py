"""Deterministic training beside the fastest that the same TensorFlow can do without.

A small grid of settings without seeds and op determinism is tried first: threads, and oneDNN on and off.
The fastest then takes turns with the stage's own setting, both warm, each in a process of its own, so that
what else the machine does falls on both; what counts is the median over the pairs of the ratio within a
pair. The portable profile takes its turns too, for its price.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from comparing import Comparison, Result, Scale
from measuring import Cost, Summary

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".cache/envs/stages/bin/python"
TRYOUTS, ROUNDS = 4, 15
GOAL = 1.05
TITLE = "A training step, deterministic, and the fastest without determinism"

Settings = Mapping[str, object]

DETERMINISTIC: Settings = {"profile": "default"}
PORTABLE: Settings = {"profile": "portable"}
THREADS = ((0, 0), (1, 1), (1, 2), (2, 1), (2, 2))
"""Intra-op and inter-op threads; 0 leaves the number to TensorFlow."""
FREE: tuple[Settings, ...] = tuple(
    {"profile": "free", "intra": intra, "inter": inter, "onednn": onednn}
    for onednn in (True, False)
    for intra, inter in THREADS
)


@dataclass(slots=True)
class Worker:
    """A process that trains, warmed up, and what its rounds cost: seconds a step."""

    name: str
    process: subprocess.Popen[str]
    costs: list[Cost] = field(default_factory=list)

    def turn(self) -> None:
        """Take one round."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin
        assert stdout
        print("go", file=stdin, flush=True)
        self.costs.append(Cost(**json.loads(stdout.readline())))

    @property
    def summary(self) -> Summary:
        """All rounds."""
        return Summary(self.name, tuple(self.costs))


def run(scale: Scale) -> Result:
    """Measure."""
    params = write_params(scale.folder / "params")
    grid = [(setting, try_out(setting, params)) for setting in FREE]
    best, _ = min(grid, key=lambda tried: min(cost.wall for cost in tried[1].runs))
    free, default, portable = in_turns([best, DETERMINISTIC, PORTABLE], params, scale.rounds(ROUNDS))
    ratio, price = (statistics.median(pairs) for pairs in (paired(default, free), paired(portable, default)))
    return Result(
        (
            Comparison(TITLE, default, free, "of pairs", ratio, GOAL, at_least=False),
            Comparison("portable profile", portable, default, "of pairs", price, None, at_least=False),
        )
    )


def write_params(folder: Path) -> Path:
    """Resolve the quick profile's parameters of train, with an encoder that needs no weights file."""
    words = ("-m", "stagekit.parameters", "resolve", "--out", folder)
    seeded = ("-o", "train.encoder_weights=seeded", "-o", "train.frozen_blocks=0")
    subprocess.run([PYTHON, *words, *seeded], cwd=ROOT, env=environment(), check=True)
    return folder / "train.yaml"


def try_out(setting: Settings, params: Path) -> Summary:
    """A few rounds of one setting alone."""
    with worker(setting, params) as tried:
        for _ in range(TRYOUTS):
            tried.turn()
    print(f"{tried.name}: {tried.summary.wall:.3f} s a step", file=sys.stderr)
    return tried.summary


def in_turns(settings: Sequence[Settings], params: Path, rounds: int) -> list[Summary]:
    """All settings at once, of which one at a time works; the order is turned round each time."""
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(setting, params)) for setting in settings]
        for number in range(rounds):
            for each in workers if number % 2 else reversed(workers):
                each.turn()
            shown = ", ".join(f"{each.name} {each.costs[-1].wall:.3f} s" for each in workers)
            print(f"round {number + 1} of {rounds}: {shown}", file=sys.stderr)
        return [each.summary for each in workers]


@contextmanager
def worker(setting: Settings, params: Path) -> Iterator[Worker]:
    """A worker that is ready; it ends when its input does."""
    command = [PYTHON, ROOT / "benchmarks/training_steps.py", params, json.dumps(setting)]
    with subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
        text=True,
    ) as process:
        assert process.stdout
        if process.stdout.readline().strip() != "ready":
            raise SystemExit(f"training with {setting} did not start")
        yield Worker(named(setting), process)


def named(setting: Settings) -> str:
    """A name for the table."""
    if setting["profile"] != "free":
        return f"deterministic, {setting['profile']}"
    threads = "/".join(str(setting[key] or "auto") for key in ("intra", "inter"))
    return f"free, threads {threads}, oneDNN {'on' if setting['onednn'] else 'off'}"


def environment() -> dict[str, str]:
    """What all of them run in."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "0"}


def paired(one: Summary, other: Summary) -> list[float]:
    """The ratio of wall-clock seconds, round by round."""
    return [a.wall / b.wall for a, b in zip(one.runs, other.runs, strict=True)]
