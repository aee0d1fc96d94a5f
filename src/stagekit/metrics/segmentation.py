"""Overlap scores, all from one confusion matrix of pixels.

A class that neither truth nor prediction holds has no IoU: it is left out of the mean, never counted as 0 or
1. Pixel accuracy is the share of right pixels, not a mean over channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one or many samples; per-class values are None for a class that does not occur."""

    iou: tuple[float | None, ...]
    dice: tuple[float | None, ...]
    mean_iou: float
    mean_dice: float
    pixel_accuracy: float

    def as_record(self, classes: Sequence[str]) -> dict[str, Any]:
        """Give the scores by name, those of classes by the class's name."""
        return {
            "mean_iou": self.mean_iou,
            "mean_dice": self.mean_dice,
            "pixel_accuracy": self.pixel_accuracy,
            "iou": dict(zip(classes, self.iou, strict=True)),
            "dice": dict(zip(classes, self.dice, strict=True)),
        }


def confusion(masks: Any, predictions: Any, classes: int) -> Any:
    """Count pixels per sample: (n, classes, classes) int64, [sample, true class, predicted class].

    `masks` and `predictions`: (n, height, width) of class numbers below `classes`.
    """
    count = len(masks)
    truth = masks.reshape(count, -1).astype(np.int64)
    guess = predictions.reshape(count, -1).astype(np.int64)
    cells = (np.arange(count)[:, None] * classes + truth) * classes + guess
    return np.bincount(cells.reshape(-1), minlength=count * classes**2).reshape(count, classes, classes)


def scores(matrix: Any) -> Scores:
    """Score one confusion matrix (classes, classes); to score many samples, add theirs up first."""
    hits = np.diagonal(matrix).astype(np.float64)
    truth, guess = matrix.sum(axis=1), matrix.sum(axis=0)
    iou = _ratios(hits, truth + guess - hits)
    dice = _ratios(2.0 * hits, truth + guess)
    return Scores(
        iou=iou,
        dice=dice,
        mean_iou=_mean(iou),
        mean_dice=_mean(dice),
        pixel_accuracy=float(hits.sum() / matrix.sum()),
    )


def _ratios(above: Any, below: Any) -> tuple[float | None, ...]:
    return tuple(float(a / b) if b else None for a, b in zip(above, below, strict=True))


def _mean(values: tuple[float | None, ...]) -> float:
    present = [value for value in values if value is not None]
    return sum(present) / len(present)
