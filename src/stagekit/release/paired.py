"""Two models on the same photos: the interval of the difference of their scores, by a paired bootstrap.

In plain Python, since this stage has no NumPy. A test holds the scores against those of `metrics`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from stagekit.samples import CLASSES

LEVEL = 0.95
Counts = tuple[int, ...]
"""Pixels by true and predicted class, row by row."""


def paired_interval(
    pairs: Sequence[tuple[Counts, Counts]], score: Callable[[Counts], float], resamples: int, seed: int
) -> tuple[float, float]:
    """Give the interval of the difference of two models' scores over photos that both saw."""
    generator = random.Random(seed)  # noqa: S311 - statistics, and the same every time
    joined = [ours + theirs for ours, theirs in pairs]
    middle = len(joined[0]) // 2
    differences = []
    for _ in range(resamples):
        sums = tuple(map(sum, zip(*generator.choices(joined, k=len(joined)), strict=True)))
        differences.append(score(sums[:middle]) - score(sums[middle:]))
    differences.sort()
    cut = int(resamples * (1 - LEVEL) / 2)
    return differences[cut], differences[-1 - cut]


def _overlaps(counts: Counts) -> list[tuple[int, int, int]]:
    """Give for each class its hits, its pixels in truth, and its pixels in the prediction."""
    size = len(CLASSES)
    return [
        (
            counts[place * size + place],
            sum(counts[size * place : size * (place + 1)]),
            sum(counts[place::size]),
        )
        for place in range(size)
    ]


def mean_iou(counts: Counts) -> float:
    """Give the mean over the classes that truth or prediction has."""
    values = [hit / (true + guess - hit) for hit, true, guess in _overlaps(counts) if true + guess]
    return sum(values) / len(values) if values else 0.0


def mean_dice(counts: Counts) -> float:
    """Give the mean over the classes that truth or prediction has."""
    values = [2 * hit / (true + guess) for hit, true, guess in _overlaps(counts) if true + guess]
    return sum(values) / len(values) if values else 0.0


def pixel_accuracy(counts: Counts) -> float:
    """Give the share of pixels with the right class."""
    return sum(hit for hit, _, _ in _overlaps(counts)) / max(1, sum(counts))


SCORES: Mapping[str, Callable[[Counts], float]] = {
    "mean_iou": mean_iou,
    "mean_dice": mean_dice,
    "pixel_accuracy": pixel_accuracy,
}
"""What the optimised figure of the policy is, from summed counts."""
