"""Simpler answers to the same photos, without which a score says little.

The colour model is naive Bayes over a pixel's colour and place. Evaluate sees the test split only, so each
photo is answered by counts of the *other* photos' pixels, in folds: that is kinder to this baseline than to
the model, which has seen none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stagekit.dataset import Dataset
from stagekit.metrics.bootstrap import gain_interval
from stagekit.metrics.folds import fold_numbers
from stagekit.metrics.segmentation import Scores, confusion, scores
from stagekit.samples import CLASSES

TRAINED = "train's model"
"""The name of the one answer that is no simple one."""
FOLDS = 5
_SHADES = 8
_CELLS = 8


@dataclass(frozen=True, slots=True)
class Baseline:
    """Another answer's scores; `gain` is the model's mean IoU minus this one's, with its interval."""

    name: str
    scores: Scores
    gain: float
    interval: tuple[float, float]


def baselines(
    data: Dataset, answers: Mapping[str, Any], matrices: Any, resamples: int, seed: int
) -> tuple[Baseline, ...]:
    """Hold the model's confusion matrices against other answers (n, size, size) to the same photos."""
    ours = scores(matrices.sum(axis=0)).mean_iou
    found = []
    for name, answer in answers.items():
        theirs = confusion(data.masks, answer, len(CLASSES))
        total = scores(theirs.sum(axis=0))
        gained = gain_interval(matrices, theirs, resamples, seed)
        found.append(Baseline(name, total, ours - total.mean_iou, gained))
    return tuple(found)


def majority(data: Dataset, train_metrics: dict[str, Any]) -> Any:
    """Answer with the training split's most frequent class everywhere."""
    shares = train_metrics["class_shares"]
    guess = max(range(len(CLASSES)), key=lambda value: shares[CLASSES[value]])
    return np.full_like(data.masks, guess)


def colour_model(data: Dataset, seed: int) -> Any:
    """Answer by colour and place, each photo from the pixels of other folds' photos."""
    colours, places = _colours(data.images), _places(data.size)
    fold = fold_numbers(data.ids, FOLDS, seed)
    answer = np.zeros_like(data.masks)
    for number in range(FOLDS):
        learned, asked = fold != number, fold == number
        if learned.any() and asked.any():
            weight_of_colour = _likelihood(colours[learned], data.masks[learned], _SHADES**3)
            spread = np.broadcast_to(places, colours[learned].shape)
            weight_of_place = _likelihood(spread, data.masks[learned], _CELLS**2)
            counts = np.bincount(data.masks[learned].reshape(-1), minlength=len(CLASSES)) + 1.0
            weights = weight_of_colour[colours[asked]] * weight_of_place[places] * counts
            answer[asked] = weights.argmax(axis=-1)
    return answer


def _likelihood(values: Any, masks: Any, kinds: int) -> Any:
    """Give P(value | class), smoothed by one pixel each: (kinds, classes)."""
    cells = values.reshape(-1).astype(np.int64) * len(CLASSES) + masks.reshape(-1)
    counts = np.bincount(cells, minlength=kinds * len(CLASSES)).reshape(kinds, -1) + 1.0
    return counts / counts.sum(axis=0)


def _colours(images: Any) -> Any:
    """Give each pixel's colour as one number of `_SHADES` ** 3."""
    shades = (images // (256 // _SHADES)).astype(np.int64)
    return (shades[..., 0] * _SHADES + shades[..., 1]) * _SHADES + shades[..., 2]


def _places(size: int) -> Any:
    """Give each pixel's cell of a coarse grid as one number: (size, size)."""
    line = np.arange(size) * _CELLS // size
    return line[:, None] * _CELLS + line
