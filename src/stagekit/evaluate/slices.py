"""Scores of parts of the test split: by species, and by the size of the pet in the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from stagekit.evaluate.evaluation import LEVEL, Evaluation
from stagekit.metrics.segmentation import Scores, mean_iou_interval, scores
from stagekit.samples import CLASSES

SMALL, LARGE = 0.15, 0.4
"""A pet that covers less of the picture than `SMALL` is small, one that covers more than `LARGE` large."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the samples with its scores and a bootstrap interval of its mean IoU."""

    kind: str
    name: str
    samples: int
    scores: Scores
    interval: tuple[float, float]


def slices(evaluation: Evaluation, resamples: int, seed: int) -> tuple[Slice, ...]:
    """Score every slice that has a sample, in a fixed order."""
    return tuple(_slices(evaluation, resamples, seed))


def pet_size(record: dict[str, Any]) -> str:
    """Give `small`, `medium` or `large` by the share of the picture that is pet or border."""
    share = record["class_shares"][CLASSES[0]] + record["class_shares"][CLASSES[2]]
    if share < SMALL:
        return "small"
    return "large" if share > LARGE else "medium"


def _slices(evaluation: Evaluation, resamples: int, seed: int) -> Iterator[Slice]:
    kinds: tuple[tuple[str, Callable[[dict[str, Any]], str]], ...] = (
        ("species", lambda record: str(record["species"])),
        ("size", pet_size),
    )
    for kind, name_of in kinds:
        names = [name_of(record) for record in evaluation.data.records]
        for name in sorted(set(names)):
            matrices = evaluation.matrices[[place for place, own in enumerate(names) if own == name]]
            yield Slice(
                kind,
                name,
                len(matrices),
                scores(matrices.sum(axis=0)),
                mean_iou_interval(matrices, resamples, LEVEL, seed),
            )
