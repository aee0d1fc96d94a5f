"""How sure the calibration scores are: bootstrap intervals over whole photos.

A split holds hundreds of thousands of pixels, but only as much news as it has photos.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stagekit.calibrate.choose import nll_by_photo
from stagekit.metrics.bootstrap import draws, interval, mean_interval
from stagekit.metrics.confidence import GAP_UNIT, photo_gaps


def score_intervals(
    probabilities: Any, masks: Any, bins: int, resamples: int, seed: int
) -> dict[str, tuple[float, float]]:
    """Give {score: (low, high)} of ECE and NLL for probabilities (n, height, width, classes)."""
    gaps = photo_gaps(probabilities, masks, bins)
    drawn = draws(len(masks), resamples, seed)
    above, below = np.abs(drawn @ gaps[..., 1]).sum(axis=1), (drawn @ gaps[..., 0]).sum(axis=1)
    return {
        "ece": interval(above / GAP_UNIT / below),
        "nll": mean_interval(nll_by_photo(probabilities, masks), resamples, seed),
    }
