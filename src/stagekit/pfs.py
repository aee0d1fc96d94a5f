"""Where a stage finds its inputs and leaves its output.

Under calf and Pachyderm the root is `/pfs`. The environment variable `CALF_PFS` replaces it, so that a stage
can be run by hand, and in tests, on any folder of the same shape.
"""

from __future__ import annotations

import os
from pathlib import Path

from stagekit.errors import StageError


def root() -> Path:
    """Give the folder that holds one folder an input, and `out`."""
    return Path(os.environ.get("CALF_PFS", "/pfs"))


def input_path(name: str) -> Path:
    """Give the folder of the input called `name`.

    Raises `StageError` when the datum has no such input. Use `optional_input` where an outer join may leave
    it out.
    """
    path = root() / name
    if not path.exists():
        present = ", ".join(sorted(entry.name for entry in root().glob("*"))) or "nothing"
        raise StageError(f"input {name!r} is missing: {path} does not exist ({root()} holds {present})")
    return path


def optional_input(name: str) -> Path | None:
    """Give the folder of the input called `name`, or None where the datum lacks it."""
    path = root() / name
    return path if path.exists() else None


def out() -> Path:
    """Give the folder whose content becomes the output commit; it is made if it is missing."""
    path = root() / "out"
    path.mkdir(parents=True, exist_ok=True)
    return path
