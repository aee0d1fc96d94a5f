"""`make reproduce-cpu`: a tiny training on this processor and on emulated models, profile by profile.

Exit code 0: under the profile `portable` all gave the same bits. 104: they did not. What `default` gives is
shown beside it, and so is what `portable` costs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from calf.kit.exit_codes import NOT_REPRODUCIBLE
from driver.checkout import ROOT, StepFailedError
from reproducing.processors import HERE, Case, Outcome, emulator, run_all, write_params

MODELS = ("Haswell-v4", "EPYC-Rome")
WITHOUT_AVX2 = "SandyBridge"
"""TensorFlow runs on it, and the portable profile must refuse to."""


def read_arguments(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make reproduce-cpu", description=__doc__)
    parser.add_argument(
        "--models", nargs="+", default=list(MODELS), help="models that `qemu -cpu help` lists"
    )
    parser.add_argument("--rounds", type=int, default=9, help="of the timing; 0 for none")
    parser.add_argument("--portable-only", action="store_true", help="not the default profile beside it")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Train everywhere, compare, time."""
    asked = read_arguments(words)
    console = Console(highlight=False, soft_wrap=True)
    profiles = ("portable",) if asked.portable_only else ("portable", "default")
    cases = [Case(profile, model) for profile in profiles for model in (HERE, *asked.models)]
    if not asked.portable_only:
        cases += [Case(profile, WITHOUT_AVX2) for profile in profiles]

    def tell(outcome: Outcome) -> None:
        case = outcome.case
        console.print(f"{case.profile:9} on {case.processor:14} {outcome.short}  ({outcome.seconds:.0f} s)")

    try:
        with tempfile.TemporaryDirectory(prefix="calf-processors-") as folder:
            write_params(Path(folder), profiles)
            console.print(f"{len(cases)} trainings; each emulated one takes a minute or more")
            outcomes = run_all(cases, Path(folder), emulator(), tell)
    except StepFailedError as error:
        console.print(f"[red]error:[/] {error}")
        return 1
    show(outcomes, console)
    compared = [outcomes[Case("portable", processor)] for processor in (HERE, *asked.models)]
    equal = all(outcome.digests and outcome.digests == compared[0].digests for outcome in compared)
    if asked.rounds:
        console.print("\n[bold]what it costs[/] (seconds a step of the quick profile, in turns)")
        script = ROOT / "benchmarks/cost_of_portable.py"
        subprocess.run([sys.executable, str(script), str(asked.rounds)], check=True)
    console.print(
        f"[green]portable: the same bits on all {len(compared)} processors[/]"
        if equal
        else "[red]not portable[/]"
    )
    return 0 if equal else NOT_REPRODUCIBLE


def show(outcomes: dict[Case, Outcome], console: Console) -> None:
    """A table: processors by profiles, the first digits of the digests of weights, history, predictions."""
    profiles = list(dict.fromkeys(case.profile for case in outcomes))
    table = Table("PROCESSOR", *(f"{profile}: WEIGHTS HISTORY PREDICTIONS" for profile in profiles), box=None)
    for processor in dict.fromkeys(case.processor for case in outcomes):
        row = [outcomes[Case(profile, processor)].short for profile in profiles]
        table.add_row(processor, *row)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
