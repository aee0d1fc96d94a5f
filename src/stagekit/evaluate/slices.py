"""Scores of parts of the test split: by species, breed, and the size of the pet in the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stagekit.metrics.bootstrap import mean_iou_interval
from stagekit.metrics.segmentation import Scores, scores
from stagekit.samples import CLASSES

SMALL, LARGE = 0.15, 0.4
"""A pet that covers less of the picture than `SMALL` is small, one that covers more than `LARGE` large."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the samples with its scores and an interval of its mean IoU; `enough`: it may be judged."""

    kind: str
    name: str
    samples: int
    enough: bool
    scores: Scores
    interval: tuple[float, float]


def pet_share(record: Record) -> float:
    """Give the share of the picture that is pet or border."""
    shares = record["class_shares"]
    return float(shares[CLASSES[0]] + shares[CLASSES[2]])


def pet_size(record: Record) -> str:
    """Give `small`, `medium` or `large` by the share of the picture that is pet or border."""
    share = pet_share(record)
    if share < SMALL:
        return "small"
    return "large" if share > LARGE else "medium"


KINDS: tuple[tuple[str, Callable[[Record], str]], ...] = (
    ("species", lambda record: str(record["species"])),
    ("size", pet_size),
    ("breed", lambda record: str(record["breed"])),
)


def slices(
    records: Sequence[Record], matrices: Any, enough: int, resamples: int, seed: int
) -> tuple[Slice, ...]:
    """Score every slice that has a photo, in a fixed order; `matrices` are the photos' confusion matrices."""
    return tuple(_slices(records, matrices, enough, resamples, seed))


def worst_slice(parts: Sequence[Slice]) -> Slice | None:
    """Give the lowest slice among those with enough photos: a small one is low by chance."""
    judged = [part for part in parts if part.enough]
    return min(judged, key=lambda part: (part.scores.mean_iou, part.kind, part.name), default=None)


def _slices(
    records: Sequence[Record], matrices: Any, enough: int, resamples: int, seed: int
) -> Iterator[Slice]:
    for kind, name_of in KINDS:
        names = [name_of(record) for record in records]
        for name in sorted(set(names)):
            own = matrices[[place for place, other in enumerate(names) if other == name]]
            yield Slice(
                kind,
                name,
                len(own),
                len(own) >= enough,
                scores(own.sum(axis=0)),
                mean_iou_interval(own, resamples, seed),
            )
