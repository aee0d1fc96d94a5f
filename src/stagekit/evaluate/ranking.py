"""Samples by how well they went."""

from __future__ import annotations

from stagekit.evaluate.evaluation import Evaluation
from stagekit.metrics.segmentation import scores


def ranked(evaluation: Evaluation) -> list[int]:
    """List the places of all samples, best mean IoU first; equals by id."""
    return sorted(
        range(len(evaluation.data)),
        key=lambda place: (-scores(evaluation.answers.matrices[place]).mean_iou, evaluation.data.ids[place]),
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
