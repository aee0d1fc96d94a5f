"""Bootstrap intervals over photos.

Whole photos are drawn again, since the pixels of one picture are not independent. All sums are of integers,
so that no order of summation, and no library's blocking, changes a bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stagekit.metrics.confidence import GAP_UNIT

LEVEL = 0.95
_UNIT = 1 << 30
"""Real figures are counted in parts of this, so that their sums are exact."""


def draws(count: int, resamples: int, seed: int) -> Any:
    """Draw `count` photos with replacement: (resamples, count) int64, how often each came."""
    generator = np.random.default_rng(seed)
    places = generator.integers(0, count, (resamples, count))
    cells = places + np.arange(resamples)[:, None] * count
    return np.bincount(cells.reshape(-1), minlength=resamples * count).reshape(resamples, count)


def mean_iou_interval(matrices: Any, resamples: int, seed: int) -> tuple[float, float]:
    """Give the interval of the mean IoU of confusion matrices (n, classes, classes)."""
    return interval(resampled_mean_iou(matrices, draws(len(matrices), resamples, seed)))


def gain_interval(ours: Any, theirs: Any, resamples: int, seed: int) -> tuple[float, float]:
    """Give the interval of the difference of two answers' mean IoU, both on the same photos each time."""
    drawn = draws(len(ours), resamples, seed)
    return interval(resampled_mean_iou(ours, drawn) - resampled_mean_iou(theirs, drawn))


def mean_interval(values: Any, resamples: int, seed: int) -> tuple[float, float]:
    """Give the interval of the mean of one real figure a photo (n,)."""
    fixed = np.rint(np.asarray(values, dtype=np.float64) * _UNIT).astype(np.int64)
    return interval((draws(len(fixed), resamples, seed) @ fixed) / (len(fixed) * _UNIT))


def mean_ratio_interval(counts: Any, resamples: int, seed: int) -> tuple[float, float]:
    """Give the interval of the mean over classes of the ratio of two counts (n, classes, 2)."""
    drawn = draws(len(counts), resamples, seed)
    return interval(present_mean(_ratios(drawn @ counts[..., 0], drawn @ counts[..., 1])))


def ece_interval(gaps: Any, resamples: int, seed: int) -> tuple[float, float]:
    """Give the interval of the expected calibration error of `confidence.photo_gaps` (n, bins, 2)."""
    drawn = draws(len(gaps), resamples, seed)
    pixels = (drawn @ gaps[..., 0]).sum(axis=1)
    return interval(np.abs(drawn @ gaps[..., 1]).sum(axis=1) / (pixels * GAP_UNIT))


def resampled_mean_iou(matrices: Any, drawn: Any) -> Any:
    """Give the mean IoU of each resample (resamples,); classes that do not occur are left out."""
    classes = matrices.shape[-1]
    totals = (drawn @ matrices.reshape(len(matrices), -1)).reshape(-1, classes, classes)
    hits = np.diagonal(totals, axis1=1, axis2=2)
    return present_mean(_ratios(hits, totals.sum(axis=1) + totals.sum(axis=2) - hits))


def present_mean(ratios: Any) -> Any:
    """Give the mean of each row over what is not NaN."""
    there = ~np.isnan(ratios)
    return np.where(there, ratios, 0.0).sum(axis=-1) / np.maximum(there.sum(axis=-1), 1)


def interval(values: Any) -> tuple[float, float]:
    """Give the interval at `LEVEL` of resampled figures: (low, high)."""
    low, high = np.quantile(values, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return float(low), float(high)


def _ratios(above: Any, below: Any) -> Any:
    return np.where(below > 0, above / np.maximum(below, 1), np.nan)
