"""`make reproduce`: the whole pipeline under varied circumstances, every file of every output compared.

Exit code 0: reproduced, bit for bit, but for the files that a spec allows to differ (`calf.dev/tolerance`),
with its reason. 104: something else differs; the first differing files are named.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from calf.kit.exit_codes import NOT_REPRODUCIBLE
from calf.model.errors import CalfError
from driver.checkout import ROOT, STAGES, StepFailedError, run_tool
from driver.sources import Parameters, split_settings
from reproducing import witness
from reproducing.comparing import Found, compare, show, tolerances
from reproducing.running import Run, run_varied
from reproducing.variations import variations

DRAWN = ROOT / ".cache/reproduce/drawn"
PAIRS = 70
RECORD = ROOT / "build/reproduce.json"


def read_arguments(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make reproduce", description=__doc__)
    parser.add_argument(
        "--pets", type=Path, help=f"folder in Oxford-IIIT Pet layout (default: {PAIRS} drawn)"
    )
    parser.add_argument("--profile", default="tiny")
    parser.add_argument("-f", "--overlay", type=Path, action="append", default=[])
    parser.add_argument("-o", "--override", action="append", default=[], metavar="BLOCK.KEY=VALUE")
    parser.add_argument(
        "--set", type=split_settings, default=[], help="such values in one text, between blanks"
    )
    parser.add_argument("--only", nargs="+", metavar="RUN", help="these runs, and the first")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Run, compare, tell."""
    asked = read_arguments(words)
    console = Console(highlight=False, soft_wrap=True)
    chosen = Parameters(asked.profile, tuple(asked.overlay), (*asked.override, *asked.set))
    planned, impossible = variations()
    if asked.only:
        planned = [planned[0], *(run for run in planned[1:] if run.name in asked.only)]
    folder = Path(tempfile.mkdtemp(prefix="calf-reproduce-"))
    runs: list[Run] = []
    try:
        pets = asked.pets or drawn_pairs()
        for number, variation in enumerate(planned):
            console.print(f"\n[bold]run {number + 1} of {len(planned)}: {variation.name}[/]")
            place = folder / f"{number}-{variation.name.replace(' ', '-')}"
            runs.append(run_varied(variation, place, pets, chosen, console))
            require_same_images(runs)
            shutil.rmtree(place)
    except (CalfError, StepFailedError) as error:
        console.print(f"[red]error:[/] {error}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return conclude(runs, impossible, console)


def require_same_images(runs: list[Run]) -> None:
    """Raise `StepFailedError` when the checkout was edited meanwhile: other code may give other results."""
    first, last = runs[0].images, runs[-1].images
    if changed := sorted(name for name in first.keys() | last.keys() if first.get(name) != last.get(name)):
        raise StepFailedError(f"the code of {', '.join(changed)} changed since the first run; run it again")


def drawn_pairs() -> Path:
    """The seeded generator's pairs, of which this takes fewer than a run does."""
    run_tool("-m", "data.generate", "--count", str(PAIRS), "--out", DRAWN)
    return DRAWN


def conclude(runs: list[Run], impossible: list[str], console: Console) -> int:
    """Say what was varied and seen, compare, and keep a record; gives the exit code."""
    console.print("\n[bold]circumstances[/]")
    for run in runs:
        console.print(f"{run.variation.name:10} {', '.join(run.variation.differs)} ({run.seconds:.0f} s)")
        console.print(f"{'':10} a stage saw: {witness.sentence(run.seen)}")
    for reason in impossible:
        console.print(f"[yellow]not varied:[/] {reason}")
    console.print("\n[bold]comparison with the first run[/]")
    table = comparison(runs)
    same = show(table, console)
    write_record(runs, impossible, table)
    console.print("[green]reproduced, bit for bit[/]" if same else "[red]not reproducible[/]")
    return 0 if same else NOT_REPRODUCIBLE


def comparison(runs: list[Run]) -> dict[str, dict[str, Found]]:
    """Each stage's output of each other run against the first."""
    allowed = tolerances()
    first, *others = runs
    return {
        stage: {
            run.variation.name: compare(first.outputs[stage], run.outputs[stage], allowed[stage])
            for run in others
        }
        for stage in STAGES
    }


def write_record(runs: list[Run], impossible: list[str], table: dict[str, dict[str, Found]]) -> None:
    """Keep what was found as JSON."""
    record = {
        "runs": [
            {"name": run.variation.name, "differs": run.variation.differs, "seen": run.seen} for run in runs
        ],
        "not_varied": impossible,
        "stages": {
            stage: {
                name: {"files": found.files, "differing": found.differing, "tolerated": dict(found.tolerated)}
                for name, found in row.items()
            }
            for stage, row in table.items()
        },
    }
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
