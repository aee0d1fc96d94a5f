"""Isotonic scaling: for each class a rising curve from its probability to how often it is right.

Pixels are gathered into groups of equal size by their probability; pooling of adjacent violators makes the
groups' shares rise; the curve goes through the centres of the pools (Oron and Flournoy, 2017). One curve a
class, never one for all, since each class errs in its own way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stagekit.calibrate.calibration import Curve
from stagekit.metrics.confidence import softmax

GROUPS = 256
"""At most so many groups of pixels; fewer pixels than `SMALLEST` each are not told from chance."""
SMALLEST = 50
DIGITS = 9


def fit_isotonic(logits: Any, masks: Any) -> tuple[Curve, ...]:
    """Give a curve a class for logits (…, classes) and masks (…) of class numbers."""
    classes = logits.shape[-1]
    flat = softmax(logits.reshape(-1, classes))
    truth = masks.reshape(-1)
    return tuple(fit_curve(flat[:, place], truth == place) for place in range(classes))


def fit_curve(probabilities: Any, hits: Any) -> Curve:
    """Give the rising curve from probabilities (n,) to the share of `hits` (n,) booleans.

    It never reaches 0 or 1: a pool without a hit, or without a miss, is given half of one.
    """
    order = np.argsort(probabilities, kind="stable")
    sizes, centres, shares = _groups(probabilities[order], hits[order].astype(np.float64))
    pools = pool(sizes, centres, shares)
    lowest, highest = 0.5 / (pools[0][0] + 1.0), 1.0 - 0.5 / (pools[-1][0] + 1.0)
    points = {
        round(float(centre), DIGITS): round(float(min(max(share, lowest), highest)), DIGITS)
        for _, centre, share in pools
    }
    x = tuple(sorted(points))
    return Curve(x, tuple(np.maximum.accumulate([points[at] for at in x]).tolist()))


def pool(sizes: Any, centres: Any, shares: Any) -> list[tuple[float, float, float]]:
    """Pool adjacent groups until the shares rise; gives (size, centre, share) a pool.

    Equal neighbours are pooled too, so that the shares rise strictly.
    """
    pools: list[tuple[float, float, float]] = []
    for group in zip(sizes.tolist(), centres.tolist(), shares.tolist(), strict=True):
        size, centre, share = group
        while pools and pools[-1][2] >= share:
            other = pools.pop()
            total = size + other[0]
            centre = (size * centre + other[0] * other[1]) / total
            share = (size * share + other[0] * other[2]) / total
            size = total
        pools.append((size, centre, share))
    return pools


def _groups(ordered: Any, hits: Any) -> tuple[Any, Any, Any]:
    """Cut ordered probabilities into groups of about one size; equal ones stay together."""
    count = len(ordered)
    wanted = max(1, min(GROUPS, count // SMALLEST))
    lowest = np.unique(ordered[(np.arange(wanted) * count) // wanted])
    place = np.searchsorted(lowest, ordered, side="right") - 1
    sizes = np.bincount(place, minlength=len(lowest)).astype(np.float64)
    centres = np.bincount(place, weights=ordered, minlength=len(lowest)) / sizes
    return sizes, centres, np.bincount(place, weights=hits, minlength=len(lowest)) / sizes
