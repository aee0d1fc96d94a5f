"""`python -m stagekit.split.prune importance.csv --easiest 0.1 --out prune.yaml`: an overlay for split.

Split comes before train, so the importance is that of a former run's train. The list goes by way of the
parameters: it is versioned, and a run with it can be had again, which a loop in the DAG could not give.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from stagekit.canonical import sha256_file, write_yaml
from stagekit.errors import StageError
from stagekit.stage import run_stage


def parser() -> argparse.ArgumentParser:
    """Build the command line."""
    top = argparse.ArgumentParser(
        prog="python -m stagekit.split.prune",
        description="Write an overlay of parameters that leaves out training samples by their importance.",
    )
    top.add_argument("importance", type=Path, help="importance.csv of a train commit")
    which = top.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--easiest", type=float, metavar="SHARE", help="leave out this share, lowest EL2N first"
    )
    which.add_argument(
        "--hardest", type=float, metavar="SHARE", help="leave out this share, highest EL2N first"
    )
    top.add_argument("--out", type=Path, required=True, help="YAML file for `-f`")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the overlay and give the exit code."""
    given = parser().parse_args(arguments)

    def command() -> None:
        hardest = given.hardest is not None
        share = given.hardest if hardest else given.easiest
        ids = chosen(read_ranking(given.importance), share, hardest=hardest)
        because = (
            f"the {share:g} {'hardest' if hardest else 'easiest'} by EL2N of the importance.csv with SHA-256 "
            f"{sha256_file(given.importance)}"
        )
        write_yaml(given.out, {"split": {"prune": {"because": because, "ids": ids}}})
        print(f"{len(ids)} samples in {given.out}")  # noqa: T201 - a command line

    return run_stage(command)


def chosen(ranking: Sequence[str], share: float, *, hardest: bool) -> list[str]:
    """Give the sorted ids at one end of a ranking, hardest first. Raises `StageError` for none or all."""
    count = round(len(ranking) * share)
    if not 0 < count < len(ranking):
        raise StageError(
            f"a share of {share:g} of {len(ranking)} samples leaves out {count}; give another one"
        )
    return sorted(ranking[:count] if hardest else ranking[-count:])


def read_ranking(path: Path) -> list[str]:
    """Read the ids, the hardest first. Raises `StageError` when this is no importance of train's."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [(int(row["rank"]), row["id"]) for row in csv.DictReader(stream)]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StageError(f"{path}: not an importance.csv of train ({error!r})") from error
    return [name for _, name in sorted(rows)]


if __name__ == "__main__":
    sys.exit(main())
