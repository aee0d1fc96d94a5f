"""How much a training sample has to teach: its EL2N score (Paul, Ganguli and Dziugaite, 2021).

The score is the length of the error vector, probabilities minus truth, early in training; here the mean over
the sample's pixels, then over epochs and fits. Low scores are easy samples, which a larger set can spare;
the highest are hard, or wrongly labelled.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from stagekit.canonical import write_csv
from stagekit.dataset import Dataset
from stagekit.metrics.confidence import softmax
from stagekit.model.predict import BATCH
from stagekit.samples import CLASSES

IMPORTANCE = "importance.csv"
DIGITS = 9


class Scoring:
    """Scores the training samples after some epochs of one or more fits."""

    def __init__(self, predict: Callable[[Any], Any], data: Dataset, epochs: tuple[int, ...]) -> None:
        self._predict = predict
        self._data = data
        self._epochs = epochs
        self._scores: list[Any] = []

    def after(self, epoch: int) -> None:
        """Score with the weights as they are, if this is one of the epochs."""
        if epoch in self._epochs:
            self._scores.append(el2n(self._predict, self._data))

    def mean(self) -> Any:
        """Give the mean of all scores so far, (n,) in the order of the samples."""
        return np.mean(self._scores, axis=0)


def el2n(predict: Callable[[Any], Any], data: Dataset) -> Any:
    """Score each sample, (n,): 0 is a sure and right answer everywhere, 2 ** 0.5 a sure and wrong one."""
    scores = []
    for start in range(0, len(data), BATCH):
        masks = data.masks[start : start + BATCH]
        error = softmax(predict(data.images[start : start + BATCH])) - np.eye(len(CLASSES))[masks]
        scores.append(np.sqrt((error**2).sum(axis=-1)).mean(axis=(1, 2)))
    return np.concatenate(scores)


def write_importance(path: Path, ids: tuple[str, ...], scores: Any) -> None:
    """Write one row a sample, the hardest first."""
    rounded = [round(float(score), DIGITS) for score in scores]
    ranked = sorted(zip(ids, rounded, strict=True), key=lambda row: (-row[1], row[0]))
    write_csv(
        path, ("id", "el2n", "rank"), [(name, score, rank) for rank, (name, score) in enumerate(ranked, 1)]
    )
