"""Where things are in the checkout, and the one way to run a command from here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".cache/envs/tools/bin/python"
SPECS = ROOT / "pipelines"
BEAT = 15.0
"""Seconds after which a command that runs is said to be still at it."""
STAGES = ("ingest", "split", "train", "tune", "calibrate", "evaluate", "release")


class StepFailedError(Exception):
    """A step of the run ended badly; the text is for the user."""


class CommandFailedError(StepFailedError):
    """A command ended badly; it has said why itself, so the text says only which one it was."""


def spec_files() -> list[Path]:
    """The specs in the order that the data flows."""
    return sorted(SPECS.glob("[0-9]-*.yaml"))


def run_tool(*arguments: str | Path) -> None:
    """Run a Python module or script of ours in the tools' environment."""
    run_command(TOOLS, *arguments, env={"PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "0"})


def run_calf(*arguments: str | Path, env: dict[str, str] | None = None) -> None:
    """Run the `calf` command that belongs to this environment."""
    run_command(Path(sys.executable).with_name("calf"), *arguments, env=env)


def run_command(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a command with its output on the terminal, and a line now and then to show that it goes on.

    Raises `CommandFailedError` when it fails.
    """
    words = [str(word) for word in command]
    began = time.monotonic()
    with subprocess.Popen(words, cwd=ROOT, env={**os.environ, **(env or {})}) as running:
        while (code := _wait(running)) is None:
            print(f"still at it ({time.monotonic() - began:.0f} s)", flush=True)
    if code:
        raise CommandFailedError(f"`{' '.join(words)}` ended with exit code {code}")


def _wait(running: subprocess.Popen[bytes]) -> int | None:
    try:
        return running.wait(BEAT)
    except subprocess.TimeoutExpired:
        return None
