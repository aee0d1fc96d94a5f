"""Vector scaling: a scale and a bias a class, where the negative log-likelihood is lowest.

A weak pull towards "change nothing" makes the minimum one point even where the data leave it open (a bias
added to all classes changes nothing; logits that are never wrong ask for ever larger scales), so Newton's
method ends in the same place on every run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stagekit.metrics.confidence import softmax

STEPS = 60
TOLERANCE = 1e-10
PULL = 1e-4
"""How strongly scales are pulled to 1 and biases to 0, beside a mean over pixels."""
DIGITS = 6


def fit_vector(logits: Any, masks: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Give scales and biases for logits (…, classes) and masks (…) of class numbers."""
    classes = logits.shape[-1]
    flat = logits.reshape(-1, classes).astype(np.float64)
    truth = masks.reshape(-1).astype(np.int64)
    still = np.concatenate([np.ones(classes), np.zeros(classes)])
    point = still
    value = _objective(flat, truth, point, still)
    for _ in range(STEPS):
        slope, curvature = _derivatives(flat, truth, point, still)
        step = np.linalg.solve(curvature, slope)
        for share in (1.0, 0.5, 0.25, 0.125, 0.0625):
            moved = point - share * step
            reached = _objective(flat, truth, moved, still)
            if reached <= value:
                break
        else:
            break
        done = float(np.abs(moved - point).max()) <= TOLERANCE
        point, value = moved, reached
        if done:
            break
    rounded = [round(float(number), DIGITS) for number in point]
    return tuple(rounded[:classes]), tuple(rounded[classes:])


def _objective(flat: Any, truth: Any, point: Any, still: Any) -> float:
    classes = flat.shape[-1]
    moved = flat * point[:classes] + point[classes:]
    highest = moved.max(axis=-1, keepdims=True)
    log_sum = np.log(np.exp(moved - highest).sum(axis=-1)) + highest[:, 0]
    right = np.take_along_axis(moved, truth[:, None], axis=-1)[:, 0]
    return float((log_sum - right).mean() + 0.5 * PULL * ((point - still) ** 2).sum())


def _derivatives(flat: Any, truth: Any, point: Any, still: Any) -> tuple[Any, Any]:
    """Give slope and curvature of the objective; scales first, then biases."""
    count, classes = flat.shape
    probabilities = softmax(flat * point[:classes] + point[classes:])
    inputs = np.concatenate([flat, np.ones_like(flat)], axis=-1)
    weighted = inputs * np.tile(probabilities, 2)
    error = probabilities.copy()
    error[np.arange(count), truth] -= 1.0
    slope = (np.tile(error, 2) * inputs).mean(axis=0) + PULL * (point - still)
    same_class = np.tile(np.eye(classes), (2, 2))
    curvature = (weighted.T @ inputs * same_class - weighted.T @ weighted) / count
    return slope, curvature + PULL * np.eye(2 * classes)
