"""A service: the trials of tune in TensorBoard."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from stagekit import pfs
from stagekit.stage import run_stage
from stagekit.tensorboard.convert import convert
from stagekit.tensorboard.serve import PORT, serve


def main() -> None:
    """Show what `/pfs/tune` holds until another commit takes its place."""
    logs = Path(tempfile.mkdtemp(prefix="runs-"))
    runs = convert(pfs.input_path("tune"), logs)
    print(f"{len(runs)} runs at port {PORT}: {', '.join(runs)}")
    serve(logs)


if __name__ == "__main__":
    sys.exit(run_stage(main))
