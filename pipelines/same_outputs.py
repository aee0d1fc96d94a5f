"""`make same-outputs`: the whole pipeline on each backend that is here, every file of every output compared.

Exit code 0: the same, bit for bit. Files whose spec lets them differ, as they name commits, are compared by
what is left when ids and dates are taken out; measured times cannot be compared. 104: something differs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from calf.kit.exit_codes import NOT_REPRODUCIBLE
from calf.model.errors import CalfError
from calf.runner.backends import BACKENDS, Detector
from calf.runner.host_system import write_etc
from driver.checkout import ROOT, STAGES, StepFailedError, run_tool
from driver.sources import Parameters, split_settings
from reproducing import ids
from reproducing.comparing import compare, tolerances
from reproducing.running import Run, run_varied
from reproducing.variations import Variation

DRAWN = ROOT / ".cache/reproduce/few"
PAIRS = 40
NOT_ISOLATED = "process"
"""It would show the stages other paths, and is for machines that have nothing else."""


def main(words: list[str]) -> int:
    """Run on each, compare, tell."""
    parser = argparse.ArgumentParser(prog="make same-outputs", description=__doc__)
    parser.add_argument("--profile", default="tiny")
    parser.add_argument("-f", "--overlay", type=Path, action="append", default=[])
    parser.add_argument("--set", type=split_settings, default=[], help="parameters: block.key=value ...")
    parser.add_argument("backends", nargs="*", help="these, the first of which the others are compared with")
    asked = parser.parse_args(words)
    console = Console(highlight=False, soft_wrap=True)
    chosen = Parameters(asked.profile, tuple(asked.overlay), tuple(asked.set))
    place = Path(tempfile.mkdtemp(prefix="calf-same-outputs-"))
    runs: list[Run] = []
    try:
        run_tool("-m", "data.generate", "--count", str(PAIRS), "--out", DRAWN)
        for name in found_here(asked.backends, place, console):
            console.print(f"\n[bold]{name}[/]")
            varied = Variation(name, ("backend",), options=("--isolation", name))
            runs.append(run_varied(varied, place / name, DRAWN, chosen, console))
            shutil.rmtree(place / name)
    except (CalfError, StepFailedError) as error:
        console.print(f"[red]error:[/] {error}")
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return conclude(runs, console)


def found_here(names: list[str], place: Path, console: Console) -> list[str]:
    """The backends that work here, of those asked for; one that was named and does not is an error."""
    write_etc(place / "etc")
    detector = Detector(place / "probe", place / "etc")
    by_name = {backend.name: backend for backend in BACKENDS}
    if unknown := [name for name in names if name not in by_name]:
        raise StepFailedError(f"no backend is called {', '.join(unknown)}: there are {', '.join(by_name)}")
    found = []
    for name in names or [name for name in by_name if name != NOT_ISOLATED]:
        complaint = detector.complaint(by_name[name])
        if complaint and names:
            raise StepFailedError(complaint)
        if complaint:
            console.print(f"[yellow]not here:[/] {name}: {complaint}")
        else:
            found.append(name)
    return found


def conclude(runs: list[Run], console: Console) -> int:
    """Show each stage's comparison; the exit code."""
    first, *others = runs
    console.print("\n[bold]circumstances[/]")
    for run in runs:
        console.print(f"{run.variation.name:10} {run.seconds:.0f} s")
        for place in sorted(set(run.places.values())):
            stages = [stage for stage in STAGES if run.places.get(stage) == place]
            console.print(f"{'':10} {place}: {', '.join(stages)}")
    if not others:
        console.print("[yellow]one backend alone: nothing to compare with[/]")
        return 0
    table = Table("STAGE", *(f"{run.variation.name} as {first.variation.name}" for run in others), box=None)
    differing: list[str] = []
    for stage in STAGES:
        cells = []
        for run in others:
            words, wrong = compare_stage(stage, first, run)
            cells.append(words)
            differing += wrong
        table.add_row(stage, *cells)
    console.print(table)
    for line in differing:
        console.print(line)
    wrong = [line for line in differing if line.startswith("[red]")]
    console.print("[red]not the same[/]" if wrong else "[green]the same, bit for bit[/]")
    return NOT_REPRODUCIBLE if wrong else 0


def compare_stage(stage: str, first: Run, run: Run) -> tuple[str, list[str]]:
    """What a cell of the table says of a stage, and a line for each file that is not the same."""
    found = compare(first.outputs[stage], run.outputs[stage], tolerances()[stage])
    same = {path for path in found.tolerated if is_same(first.texts[stage], run.texts[stage], path)}
    lines = [f"[red]differs[/] on {run.variation.name}: {stage}:{path}" for path in found.differing]
    lines += [
        f"differs on {run.variation.name}, and must: {stage}:{path}: {reason}"
        for path, reason in found.tolerated.items()
        if path not in same
    ]
    words = f"{found.files - len(lines)} files the same"
    words += f", {len(same)} of them but for commits and times" if same else ""
    return words + (f", {len(lines)} not" if lines else ""), lines


def is_same(first: Mapping[str, bytes], other: Mapping[str, bytes], path: str) -> bool:
    """Whether only what must differ does."""
    return ids.without(first[path]) == ids.without(other[path])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
