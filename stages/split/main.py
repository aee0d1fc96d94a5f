"""Stage 2: samples to training, validation, calibration and test."""

from __future__ import annotations

import sys

from stagekit import pfs
from stagekit.config.load import load_block
from stagekit.determinism import seed_everything
from stagekit.split.params import SPLIT
from stagekit.stage import run_stage


def main() -> None:
    """Split what `/pfs/ingest` holds."""
    params = load_block(SPLIT)
    seed_everything(params.seed)
    from stagekit.split.run import split  # after seeding, which must come before NumPy

    split(pfs.input_path("ingest"), pfs.out(), params)


if __name__ == "__main__":
    sys.exit(run_stage(main))
