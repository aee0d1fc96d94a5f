"""Stage 5: a confidence that means what it says."""

from __future__ import annotations

import sys

from stagekit import pfs
from stagekit.calibrate.params import CALIBRATE
from stagekit.config.load import load_block
from stagekit.determinism import seed_everything
from stagekit.stage import run_stage


def main() -> None:
    """Calibrate the model in `/pfs/tune` on `/pfs/split/calibration`."""
    params = load_block(CALIBRATE)
    seed_everything(params.seed, tensorflow=True, profile=params.determinism)
    from stagekit.calibrate.run import calibrate  # after seeding, which must come before TensorFlow

    samples, model = pfs.input_path("split") / "calibration", pfs.input_path("tune") / "model"
    calibrate(samples, model, pfs.out(), params)


if __name__ == "__main__":
    sys.exit(run_stage(main))
