"""Fitting the temperature: the one number that minimises the negative log-likelihood.

In terms of s = 1 / T the likelihood is convex, with simple derivatives, so Newton's method finds the one
minimum in a few steps, the same on every run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stagekit.metrics.confidence import softmax

STEPS = 50
TOLERANCE = 1e-9
LOWEST, HIGHEST = 0.05, 20.0
"""Bounds of s; they are reached only by logits that say nothing, or that are never wrong."""


def fit_temperature(logits: Any, masks: Any) -> float:
    """Give the best temperature for logits (…, classes) and masks (…) of class numbers."""
    flat = logits.reshape(-1, logits.shape[-1]).astype(np.float64)
    truth = np.take_along_axis(flat, masks.reshape(-1, 1).astype(np.int64), axis=-1)[:, 0]
    s = 1.0
    for _ in range(STEPS):
        probabilities = softmax(flat * s)
        expected = (probabilities * flat).sum(axis=-1)
        slope = float((expected - truth).mean())
        curvature = float(((probabilities * flat**2).sum(axis=-1) - expected**2).mean())
        if curvature <= 0.0:
            break
        # Half to double at a time: far from the minimum a full Newton step can overshoot.
        moved = min(max(s - slope / curvature, s / 2.0, LOWEST), s * 2.0, HIGHEST)
        done = abs(moved - s) <= TOLERANCE * s
        s = moved
        if done:
            break
    return round(1.0 / s, 6)
