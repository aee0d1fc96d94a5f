"""Stage 4: the search of hyper-parameters."""

from __future__ import annotations

import sys

from stagekit import pfs
from stagekit.config.load import load_block
from stagekit.determinism import seed_everything
from stagekit.stage import run_stage
from stagekit.tune.params import TUNE


def main() -> None:
    """Search around the baseline in `/pfs/train`."""
    params = load_block(TUNE)
    seed_everything(params.seed, tensorflow=True, profile=params.determinism)
    from stagekit.tune.run import Sources, tune  # after seeding, which must come before TensorFlow

    sources = Sources(pfs.input_path("split"), pfs.input_path("train"), pfs.input_path("weights"))
    tune(sources, pfs.out(), params)


if __name__ == "__main__":
    sys.exit(run_stage(main))
