"""Stage 3: the baseline model."""

from __future__ import annotations

import sys

from stagekit import pfs
from stagekit.config.load import load_block
from stagekit.determinism import seed_everything
from stagekit.stage import run_stage
from stagekit.train.params import TRAIN


def main() -> None:
    """Train on what `/pfs/split` holds, from the weights in `/pfs/weights`."""
    params = load_block(TRAIN)
    seed_everything(params.seed, tensorflow=True, profile=params.determinism)
    from stagekit.train.run import train  # after seeding, which must come before TensorFlow

    train(pfs.input_path("split"), pfs.input_path("weights"), pfs.out(), params)


if __name__ == "__main__":
    sys.exit(run_stage(main))
