"""How a stage's `main.py` ends: 0, or 1 with a message that a user can act on."""

from __future__ import annotations

import sys
from collections.abc import Callable

from stagekit.errors import StageError


def run_stage(main: Callable[[], None]) -> int:
    """Run a stage and give its exit code; a `StageError` becomes one clear message and the code 1.

    Any other exception is a fault of ours: it goes through with its traceback, and Python exits with 1.
    """
    try:
        main()
    except StageError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - the stage's log is its interface
        return 1
    return 0
