"""Every benchmark: one table in build/bench.md, figures in build/bench.json, exit code 1 for a missed goal.

    python benchmarks/run.py [--short] [--only NAME]... [--rounds N]

Figures of different machines or days do not compare; what counts is the ratio of two programs in one run.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from comparing import Result, Scale, say
from table import HEAD, rows

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = (
    "put_small_files",
    "put_through_client",
    "put_big_file",
    "commit_few",
    "commit_in_million",
    "nothing_changed",
    "get_files",
    "keep_versions",
    "seven_stages",
    "map_datums",
    "skip_datums",
    "datum_cost",
    "big_through_client",
    "inspect_repo",
    "waiting_calls",
    "list_many_jobs",
    "dashboard",
    "deterministic_training",
)
IN_SHORT = frozenset(BENCHMARKS) - {"deterministic_training"}


def main(words: Sequence[str]) -> int:
    """Run what was asked for."""
    asked = _arguments(words)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody is to compile what it imports, each time
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped, too
    names = asked.only or [name for name in BENCHMARKS if not asked.short or name in IN_SHORT]
    results: dict[str, Result] = {}
    for number, name in enumerate(names, 1):
        start = time.monotonic()
        say(f"{number} of {len(names)}: {name}")
        results[name] = run_one(name, short=asked.short, rounds=asked.rounds)
        for row in rows(results[name]):
            print(row, flush=True)
        say(f"  took {time.monotonic() - start:.0f} s")
        write(results, whole=not asked.only, short=asked.short)
    print(f"\n{(ROOT / 'build/bench.md').read_text()}")
    return 0 if all(result.met for result in results.values()) else 1


def run_one(name: str, *, short: bool, rounds: int) -> Result:
    """Run one benchmark in a folder of its own, which is gone afterwards."""
    scratch = ROOT / ".cache"
    scratch.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=scratch, ignore_cleanup_errors=True) as work:
        result = importlib.import_module(name).run(Scale(Path(work), short, rounds))
    assert isinstance(result, Result)
    return result


def write(results: dict[str, Result], *, whole: bool, short: bool) -> None:
    """Write the table and the figures; those of a choice of benchmarks beside those of all."""
    machine = f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}"
    load = ", ".join(f"{figure:.1f}" for figure in os.getloadavg())
    notes = [f"* {name}: {note}" for name, result in results.items() for note in result.notes]
    title = f"{machine}; load {load}{'; short form' if short else ''}"
    lines = [title, "", *HEAD, *(row for result in results.values() for row in rows(result)), "", *notes]
    out = ROOT / "build"
    out.mkdir(exist_ok=True)
    (out / "bench.md").write_text("\n".join(lines).rstrip() + "\n")
    document = {
        "machine": machine,
        "load": os.getloadavg(),
        "short": short,
        "whole": whole,
        "results": {
            name: {
                "met": result.met,
                "notes": result.notes,
                "lines": [line.document() for line in result.lines],
            }
            for name, result in results.items()
        },
    }
    (out / "bench.json").write_text(json.dumps(document, indent=2) + "\n")


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--short", action="store_true", help="all of it small, for a quick look")
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="this one; repeatable")
    parser.add_argument(
        "--rounds", type=int, default=0, help="turns that everybody takes, instead of the usual"
    )
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
