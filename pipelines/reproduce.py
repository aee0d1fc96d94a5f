"""`make reproduce`: the whole pipeline twice, in two fresh folders, and every file of every output compared.

Exit code 0: reproduced, bit for bit. 104: something differs; the first differing files are named.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from calf.client.connection import connect
from calf.model.errors import CalfError
from driver.checkout import STAGES, StepFailedError, run_calf
from driver.dag import Plan, run_dag
from driver.sources import Parameters
from driver.sync import branch_head, stored_hashes

NOT_REPRODUCIBLE = 104
SHOWN = 5

Outputs = dict[str, dict[str, bytes]]
"""Hashes by path by repo."""


def read_arguments(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make reproduce", description=__doc__)
    parser.add_argument("--pets", type=Path, help="folder in Oxford-IIIT Pet layout (default: drawn animals)")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("-f", "--overlay", type=Path, action="append", default=[])
    parser.add_argument("-o", "--override", action="append", default=[], metavar="BLOCK.KEY=VALUE")
    return parser.parse_args(words)


def run_fresh(plan: Plan, console: Console) -> Outputs:
    """One run in an empty folder; gives the hash of every file of every stage's output."""
    started = time.monotonic()
    try:
        rows = run_dag(plan, console)
        if bad := [row for row in rows if row.state != "success"]:
            raise StepFailedError(f"{bad[0].pipeline} ended as {bad[0].state}: {bad[0].reason}")
        with connect(plan.address) as client:
            outputs = {stage: stored_hashes(client, branch_head(stage)) for stage in STAGES}
    finally:
        run_calf("down", "--home", plan.home)
    console.print(f"run in {plan.home}: {time.monotonic() - started:.0f} s")
    return outputs


def compare(first: Outputs, second: Outputs, console: Console) -> bool:
    """Print a line a stage; whether all files are equal."""
    same = True
    for stage, files in first.items():
        other = second[stage]
        unequal = sorted(path for path in files.keys() | other.keys() if files.get(path) != other.get(path))
        same = same and not unequal
        verdict = "[green]equal[/]" if not unequal else f"[red]{len(unequal)} differ[/]"
        console.print(f"{stage:10} {len(files):6} files  {verdict}")
        for path in unequal[:SHOWN]:
            console.print(f"    {stage}:{path}")
    return same


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(words: list[str]) -> int:
    """Run twice and compare."""
    asked = read_arguments(words)
    console = Console(highlight=False)
    chosen = Parameters(asked.profile, tuple(asked.overlay), tuple(asked.override))
    folder = Path(tempfile.mkdtemp(prefix="calf-reproduce-"))
    try:
        plans = [
            Plan(folder / name, f"127.0.0.1:{free_port()}", asked.pets, chosen)
            for name in ("first", "second-in-another-folder")
        ]
        first, second = (run_fresh(plan, console) for plan in plans)
    except (CalfError, StepFailedError) as error:
        console.print(f"[red]error:[/] {error}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    console.print("\n[bold]comparison[/]")
    if compare(first, second, console):
        console.print("[green]reproduced, bit for bit[/]")
        return 0
    console.print("[red]not reproducible[/]")
    return NOT_REPRODUCIBLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
