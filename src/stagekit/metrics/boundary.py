"""Boundary IoU: the overlap near the outlines only, where a large object hides its mistakes from IoU.

The measure is that of Cheng, Girshick, Dollár, Berg and Kirillov, "Boundary IoU: Improving Object-Centric
Image Segmentation Evaluation" (CVPR 2021): both masks are reduced to their own pixels within a distance of
their outline, and the IoU of these two bands is taken. As in the code that the authors published, the
distance is a share of the picture's diagonal (theirs: 0.02), distances are those of a square window, and the
frame of the picture counts as outline. Counts are added up over photos before they are divided, as for IoU.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def distance(height: int, width: int, dilation: float) -> int:
    """Give the width of a band in pixels, at least 1."""
    return max(1, round(dilation * math.hypot(height, width)))


def boundary_counts(masks: Any, predictions: Any, classes: int, dilation: float) -> Any:
    """Count the pixels that both bands share, and that either covers: (n, classes, 2) int64.

    `masks` and `predictions`: (n, height, width) of class numbers below `classes`.
    """
    steps = distance(masks.shape[1], masks.shape[2], dilation)
    counted = []
    for value in range(classes):
        truth, guess = band(masks == value, steps), band(predictions == value, steps)
        counted.append(((truth & guess).sum(axis=(1, 2)), (truth | guess).sum(axis=(1, 2))))
    return np.moveaxis(np.array(counted, dtype=np.int64), 2, 0)


def boundary_iou(counts: Any) -> tuple[float | None, ...]:
    """Give each class's boundary IoU from added counts (classes, 2); None for one without a pixel."""
    return tuple(int(both) / int(either) if either else None for both, either in counts)


def band(masks: Any, steps: int, *, frame: bool = True) -> Any:
    """Give the pixels of masks (n, height, width) bool that lie within `steps` of their own outline.

    Without `frame` the picture's own edge is no outline.
    """
    inside = masks
    for axis in (1, 2):
        inside = _eroded(inside, steps, axis, outside=not frame)
    return masks & ~inside


def _eroded(masks: Any, steps: int, axis: int, *, outside: bool) -> Any:
    """Keep what has only its own kind within `steps` along an axis; `outside` is what lies beyond it."""
    padding = [(0, 0)] * masks.ndim
    padding[axis] = (steps, steps)
    padded = np.pad(masks, padding, constant_values=outside)
    kept = np.ones_like(masks)
    length = masks.shape[axis]
    for start in range(2 * steps + 1):
        kept &= np.take(padded, range(start, start + length), axis=axis)
    return kept
