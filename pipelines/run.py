"""`make run`: engine up, images built, data committed, pipelines created, jobs followed, result shown.

Doing it again does only what changed. Everything goes over the engine's public API.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from calf.client.connection import Client, connect
from calf.daemon.config import DEFAULT_ADDRESS
from calf.daemon.place import find_running, read_link
from calf.model.errors import CalfError
from driver.checkout import ROOT, CommandFailedError, StepFailedError
from driver.dag import Plan, run_dag
from driver.following import start_command, stopped_stages
from driver.sources import Parameters, split_settings
from driver.summary import summarise
from driver.watch import Row, failed_datum

JOB_FAILED = 20
INTERRUPTED = 130


def read_arguments(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--pets", type=Path, help="folder in Oxford-IIIT Pet layout (default: drawn animals)")
    parser.add_argument("--profile", default="quick", help="set of parameters: quick or full")
    parser.add_argument(
        "-f", "--overlay", type=Path, action="append", default=[], help="YAML laid over the profile"
    )
    parser.add_argument(
        "-o", "--override", action="append", default=[], metavar="BLOCK.KEY=VALUE", help="one parameter"
    )
    parser.add_argument(
        "--set", type=split_settings, default=[], help="such values in one text, between blanks"
    )
    parser.add_argument(
        "--home",
        type=Path,
        default=Path(os.environ.get("CALF_HOME", ROOT / ".calf")),
        help="data folder of the engine (default: $CALF_HOME, else .calf)",
    )
    parser.add_argument(
        "--address",
        help="where the engine listens (default: where it does already, else $CALF_ADDRESS, else "
        f"{DEFAULT_ADDRESS})",
    )
    asked = parser.parse_args(words)
    asked.address = asked.address or find_address(asked.home)
    return asked


def find_address(home: Path) -> str:
    """Where the engine of the folder listens now, or else where it is to listen."""
    running = find_running(home)
    listens = running.address if running else ""
    return listens or os.environ.get("CALF_ADDRESS") or DEFAULT_ADDRESS


def main(words: list[str]) -> int:
    """Run; the exit code is 20 when a job did not succeed, 130 when interrupted."""
    asked = read_arguments(words)
    console = Console(highlight=False, soft_wrap=True)
    started = time.monotonic()
    chosen = Parameters(asked.profile, tuple(asked.overlay), (*asked.override, *asked.set))
    try:
        rows = run_dag(Plan(asked.home, asked.address, asked.pets, chosen), console)
        bad = [row for row in rows if row.state != "success"]
        with connect(asked.address) as client:
            stopped = stopped_stages(client) if bad else []
            for row in bad:
                explain(client, row, console, stopped=row.pipeline in stopped)
            if bad:
                return JOB_FAILED
            summarise(client, console, asked.home / "last-run")
    except CommandFailedError as error:
        console.print(f"[red]stopped:[/] {error}")
        return 1
    except (CalfError, StepFailedError) as error:
        console.print(f"[red]error:[/] {error}")
        if hint := getattr(error, "hint", ""):
            console.print(f"hint: {hint}")
        return 1
    except KeyboardInterrupt:
        console.print("\ninterrupted; jobs that began go on in the engine, and `make run` follows them again")
        console.print(f"  stop the engine:  {stop_command(asked.home)}")
        return INTERRUPTED
    console.print(f"\ntook {time.monotonic() - started:.0f} s; the engine stays up until you stop it:")
    console.print(f"  {stop_command(asked.home)}")
    running = find_running(asked.home)
    if running and (link := read_link(asked.home, running.pid)):
        console.print(f"look at all of it in the browser:\n  {link}")
    return 0


def explain(client: Client, row: Row, console: Console, *, stopped: bool) -> None:
    """Say why a job did not succeed and what to do; of one that never began, the reason says it all."""
    pachctl = ROOT / ".venv/bin/pachctl"
    console.print(f"[red]{row.pipeline}:[/] {escape(row.reason or row.state)}")
    for line in failed_datum(client, row):
        console.print(f"  {escape(line)}")
    if stopped:
        console.print(f"  start it again:  {start_command(row.pipeline)}")
    elif row.state != "unrunnable":
        console.print(f"  see why:         {pachctl} logs -j {row.pipeline}@{row.job}")
        console.print(f"  try once more:   {pachctl} rerun pipeline {row.pipeline}")


def stop_command(home: Path) -> str:
    """What stops the engine of a data folder, ready to paste."""
    return f"{ROOT / '.venv/bin/calf'} down --home {home}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
