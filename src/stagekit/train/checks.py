"""Checks before training: each costs little and catches a fault that training would hide.

Shape and range of the output, the loss at the start, labels, leakage between splits, and whether one batch
can be overfitted at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stagekit.dataset import Dataset
from stagekit.errors import StageError
from stagekit.metrics.confidence import confidence_scores, softmax
from stagekit.samples import CLASSES, list_samples
from stagekit.train.batches import batches
from stagekit.train.fit import Trainer, constants
from stagekit.train.params import Augmentation, TrainParams

LOSS_TOLERANCE = 0.1
"""How far the first cross-entropy may be from ln(classes)."""
OVERFIT_STEPS = 20
OVERFIT_SHARE = 0.7
"""After `OVERFIT_STEPS` steps on one batch the loss must be below this share of the first."""
SPLITS = ("training", "validation", "calibration", "test")

_STILL = Augmentation(
    flip=False, zoom=0.0, shift=0.0, rotation=0.0, brightness=0.0, contrast=0.0, saturation=0.0
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was seen, and what was expected."""

    name: str
    passed: bool
    seen: str
    expected: str


def require(checks: Iterable[Check]) -> None:
    """Raise `StageError` that tells every failed check."""
    failed = [
        f"{check.name}: {check.seen}, expected {check.expected}" for check in checks if not check.passed
    ]
    if failed:
        raise StageError("checks before training failed:\n  " + "\n  ".join(failed))


def check_data(splits: Mapping[str, Dataset], split_folder: Path) -> list[Check]:
    """Check the labels of the loaded splits, and leakage between all splits of the folder."""
    checks = []
    for name, data in splits.items():
        absent = sorted({label for value, label in enumerate(CLASSES) if not (data.masks == value).any()})
        checks.append(
            Check(
                f"labels complete in {name}",
                not absent,
                f"{len(data)} samples without {', '.join(absent)}"
                if absent
                else f"{len(data)} samples, all classes",
                "every class occurs",
            )
        )
    leaks = sorted(_leaks(split_folder))
    checks.append(
        Check(
            "no leakage between splits",
            not leaks,
            f"{len(leaks)} shared ({', '.join(leaks[:3])})" if leaks else "no sample or photo in two splits",
            "no id and no photo's digest in two splits",
        )
    )
    return checks


def check_model(trainer: Trainer, training: Dataset, params: TrainParams) -> list[Check]:
    """Check the untrained model, then overfit one batch; the trainer is reset afterwards by `fit`."""
    trainer.reset(params.seed)
    learning_rate = params.hyperparameters.learning_rate
    images, masks = next(batches(training, params.batch_size, 0, 0, (_STILL, 0.0)))
    checks = check_start(trainer.predict(images), masks)
    losses = [
        float(trainer.step(images, masks, *constants(learning_rate, 1.0, 0.0, 1.0)))
        for _ in range(OVERFIT_STEPS)
    ]
    share = losses[-1] / losses[0]
    return [
        *checks,
        Check(
            "one batch can be overfitted",
            share <= OVERFIT_SHARE,
            f"loss {losses[0]:.4f} to {losses[-1]:.4f} in {OVERFIT_STEPS} steps",
            f"at most {OVERFIT_SHARE:.0%} of the first",
        ),
    ]


def check_start(logits: Any, masks: Any) -> list[Check]:
    """Check an untrained model's answers to a batch: right shape, finite numbers, no class favoured."""
    shape = (*masks.shape, len(CLASSES))
    finite = bool(np.isfinite(logits).all())
    first = float("nan")
    if logits.shape == shape and finite:
        first = confidence_scores(softmax(logits), masks, 2).nll
    expected = math.log(len(CLASSES))
    return [
        Check("output shape", logits.shape == shape, str(logits.shape), str(shape)),
        Check(
            "output range",
            finite,
            f"logits from {logits.min():.4f} to {logits.max():.4f}",
            "finite numbers",
        ),
        Check(
            "loss at the start",
            abs(first - expected) <= LOSS_TOLERANCE,
            f"{first:.4f}",
            f"ln {len(CLASSES)} = {expected:.4f} within {LOSS_TOLERANCE}",
        ),
    ]


def _leaks(folder: Path) -> set[str]:
    """List ids and photo digests that stand in two splits."""
    owner: dict[str, str] = {}
    leaks: set[str] = set()
    for split in SPLITS:
        for sample in list_samples(folder / split):
            for key in (sample.id, _photo_digest(sample.record())):
                if owner.setdefault(key, split) != split:
                    leaks.add(f"{sample.id} in {owner[key]} and {split}")
    return leaks


def _photo_digest(record: dict[str, Any]) -> str:
    return str(record["source"]["image"]["sha256"])
