"""A training so small that an emulated processor takes a minute for it; runs in the stages' environment.

`python tiny_training.py <folder>/train.yaml` trains with the code of the stage train on a few made-up discs,
and prints digests of all that came of it: weights, history, predictions. In the portable profile it sees too
that the graph has only operations that are exact on every processor.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from stagekit.config.load import load_block
from stagekit.determinism import portable, seed_everything
from stagekit.train.params import TRAIN

SIZE, TRAINING, VALIDATION = 32, 8, 4


def main(words: list[str]) -> int:
    """Train, predict, print."""
    params = load_block(TRAIN, Path(words[0]))
    seed_everything(params.seed, tensorflow=True, profile=params.determinism)
    from stagekit.model.weights import tensors_digest  # after seeding, which must come before NumPy
    from stagekit.train.fit import Trainer, constants
    from stagekit.train.outcome import architecture_of

    trainer = Trainer(architecture_of(params, SIZE), params, Path("none"))
    training, validation = drawn(0, TRAINING), drawn(TRAINING, VALIDATION)
    fit = trainer.fit(training, validation, params, lambda _: None)
    predicted = trainer.predict(validation.images)
    if params.determinism == "portable":
        first = training.take(list(range(params.batch_size)))
        step: Any = trainer.step
        traced = step.get_concrete_function(first.images, first.masks, *constants(1.0, 1.0, 1.0, 1.0))
        portable.require_exact({each.type for each in traced.graph.get_operations()}, "a training step")
    found = {
        "weights": tensors_digest(fit.tensors),
        "history": hashlib.sha256(repr(fit.history).encode()).hexdigest(),
        "predictions": hashlib.sha256(predicted.tobytes()).hexdigest(),
    }
    print(json.dumps(found))
    return 0


def drawn(first: int, count: int) -> Any:
    """Give `count` bright discs with a rim on a dark ground, all of it noisy, as a data set."""
    import numpy as np  # after seeding

    from stagekit.dataset import Dataset

    images, masks = [], []
    for number in range(first, first + count):
        random = np.random.default_rng(number)
        rows, columns = np.mgrid[0:SIZE, 0:SIZE]
        row, column = random.integers(10, SIZE - 10, 2)
        distance = (rows - row) ** 2 + (columns - column) ** 2
        mask = np.where(distance < 36, 0, np.where(distance < 81, 2, 1))
        ground = np.array([200, 60, 120])[mask][..., None]
        images.append(np.clip(ground + random.integers(-40, 40, (SIZE, SIZE, 3)), 0, 255).astype(np.uint8))
        masks.append(mask.astype(np.uint8))
    ids = tuple(f"disc_{number}" for number in range(first, first + count))
    return Dataset(ids, np.stack(images), np.stack(masks), ({},) * count)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
