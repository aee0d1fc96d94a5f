"""A batching stage that writes a word before each file that it reads."""

from __future__ import annotations

import os
from pathlib import Path

from stagekit.batching import run_datums


def process() -> None:
    """One datum."""
    for file in Path("/pfs/in").iterdir():
        Path("/pfs/out", file.name).write_text(f"{os.environ['WORD']} {file.read_text()}\n")


if __name__ == "__main__":
    run_datums(process)
