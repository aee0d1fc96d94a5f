"""Stage 6: the report."""

from __future__ import annotations

import sys
from pathlib import Path

from stagekit import pfs
from stagekit.config.load import load_block
from stagekit.determinism import seed_everything
from stagekit.evaluate.params import EVALUATE
from stagekit.stage import run_stage


def notebook() -> Path:
    """Find the notebook: beside this file in the image, at the root of a checkout."""
    here = Path(__file__).resolve().parent
    bases = [here, *here.parents[1:2]]
    return next(path for base in bases if (path := base / "notebooks" / "evaluate.ipynb").is_file())


def main() -> None:
    """Evaluate the model in `/pfs/calibrate` on `/pfs/split/test`."""
    params = load_block(EVALUATE)
    seed_everything(params.seed, profile=params.determinism)
    from stagekit.evaluate.run import make_report  # after seeding, which must come before NumPy

    make_report(notebook(), pfs.input_path("calibrate"), pfs.out(), params)


if __name__ == "__main__":
    sys.exit(run_stage(main))
