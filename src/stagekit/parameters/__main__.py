"""`python -m stagekit.parameters`: resolve this pipeline's parameters, export their schemas."""

from __future__ import annotations

import sys
from pathlib import Path

from stagekit.config.command import run
from stagekit.parameters import all_blocks


def main(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit code."""
    return run(all_blocks(), Path("pipelines/params"), "python -m stagekit.parameters", arguments)


if __name__ == "__main__":
    sys.exit(main())
