"""One training, warmed up, that takes a round of steps each time a line comes in, and says what it cost.

Runs in the stages' environment: `python training_steps.py train.yaml '{"profile": "default", ...}'`. The
step is the one of the stage train; the batch is made before, so that only TensorFlow's work is timed.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.config.load import load_block
from stagekit.determinism import seed_everything
from stagekit.train.params import TRAIN, TrainParams

SIZE, STEPS = 128, 4


@dataclass(frozen=True, slots=True)
class Setting:
    """How TensorFlow is set; 0 threads leave the number to it. `free` has no seed and no op determinism."""

    profile: str
    intra: int = 0
    inter: int = 0
    onednn: bool = True


def main(words: list[str]) -> int:
    """Warm up, then answer each line with seconds per step: `{"wall": ..., "cpu": ...}`."""
    setting = Setting(**json.loads(words[1]))
    params = load_block(TRAIN, Path(words[0]))
    prepare(setting)
    step = stepper(params)
    step()
    step()
    print("ready", flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(STEPS):
            step()
        used = {"wall": (time.perf_counter() - wall) / STEPS, "cpu": (time.process_time() - cpu) / STEPS}
        print(json.dumps(used), flush=True)
    return 0


def prepare(setting: Setting) -> None:
    """Load TensorFlow as the setting says."""
    if setting.profile != "free":
        seed_everything(
            1, tensorflow=True, profile="portable" if setting.profile == "portable" else "default"
        )
        return
    os.environ.update(
        {
            "CUDA_VISIBLE_DEVICES": "-1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "TF_ENABLE_ONEDNN_OPTS": str(int(setting.onednn)),
        }
    )
    threading = importlib.import_module("tensorflow").config.threading
    threading.set_intra_op_parallelism_threads(setting.intra)
    threading.set_inter_op_parallelism_threads(setting.inter)


def stepper(params: TrainParams) -> Any:
    """Give a function that takes one training step, from seeded weights, and waits for its loss."""
    import numpy as np  # not before TensorFlow's settings are made

    from stagekit.train.fit import Trainer, constants
    from stagekit.train.outcome import architecture_of

    trainer = Trainer(architecture_of(params, SIZE), params, Path("none"))
    trainer.reset(params.seed)
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (params.batch_size, SIZE, SIZE, 3), dtype=np.uint8)
    masks = random.integers(0, 3, (params.batch_size, SIZE, SIZE), dtype=np.uint8)
    numbers = constants(0.002, 0.2, 1.0, 1.0)
    return lambda: float(trainer.step(images, masks, *numbers))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
