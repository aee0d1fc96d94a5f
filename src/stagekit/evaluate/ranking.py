"""Samples by how well they went, and what went wrong in words."""

from __future__ import annotations

from typing import Any

from stagekit.evaluate.evaluation import Evaluation
from stagekit.metrics.segmentation import scores
from stagekit.samples import CLASSES


def ranked(evaluation: Evaluation) -> list[int]:
    """List the places of all samples, best mean IoU first; equals by id."""
    return sorted(
        range(len(evaluation.data)),
        key=lambda place: (-scores(evaluation.matrices[place]).mean_iou, evaluation.data.ids[place]),
    )


def worst(evaluation: Evaluation, count: int) -> list[int]:
    """List the `count` worst samples, the worst first."""
    return ranked(evaluation)[::-1][:count]


def typical(evaluation: Evaluation, count: int) -> list[int]:
    """List `count` samples spread evenly from the best to the worst, so that nobody picks the nice ones."""
    places = ranked(evaluation)
    if count >= len(places):
        return places
    return [places[round((index + 0.5) * len(places) / count - 0.5)] for index in range(count)]


def main_mistake(matrix: Any) -> str:
    """Say which confusion costs a sample most of its wrong pixels."""
    wrong = matrix.copy()
    for value in range(len(CLASSES)):
        wrong[value, value] = 0
    total = int(wrong.sum())
    if total == 0:
        return "no wrong pixel"
    true, guess = divmod(int(wrong.argmax()), len(CLASSES))
    share = int(wrong[true, guess]) / int(matrix.sum())
    return f"{share:.1%} of all pixels are {CLASSES[true]} taken for {CLASSES[guess]}"
