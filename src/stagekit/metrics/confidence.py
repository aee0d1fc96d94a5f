"""How far confidences can be trusted: calibration errors, Brier score, negative log-likelihood.

All take logits (…, classes) and masks (…), any leading shape, and count every pixel once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

GAP_UNIT = 1 << 24
"""In how many parts `photo_gaps` counts a pixel's confidence."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability diagram: per bin of confidence the number of pixels, mean confidence and share right.

    The last two are 0 where a bin is empty.
    """

    count: tuple[int, ...]
    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]

    @property
    def error(self) -> float:
        """The expected calibration error: mean gap of the bins, weighted by their pixels."""
        total = sum(self.count)
        gaps = (
            count * abs(confidence - accuracy)
            for count, confidence, accuracy in zip(self.count, self.confidence, self.accuracy, strict=True)
        )
        return sum(gaps) / total


@dataclass(frozen=True, slots=True)
class Confidence:
    """The four calibration scores; lower is better for each.

    `ece` is about the predicted class, `classwise_ece` the mean over classes of each class's own error.
    `brier` is the mean over pixels of the squared distance to the truth, summed over classes: 0 to 2.
    """

    ece: float
    classwise_ece: float
    brier: float
    nll: float

    def as_record(self) -> dict[str, float]:
        """Give the scores by name."""
        return asdict(self)


def softmax(logits: Any) -> Any:
    """Give probabilities (…, classes) float64; rows sum to 1."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    exponentials = np.exp(shifted)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def likeliest(probabilities: Any) -> Any:
    """Give the class with the highest probability (…) uint8; of equals the first."""
    return probabilities.argmax(axis=-1).astype(np.uint8)


def reliability(probabilities: Any, masks: Any, bins: int) -> Reliability:
    """Bin pixels by the confidence of their predicted class."""
    flat = probabilities.reshape(-1, probabilities.shape[-1])
    return _binned(flat.max(axis=-1), flat.argmax(axis=-1) == masks.reshape(-1), bins)


def class_reliability(probabilities: Any, masks: Any, value: int, bins: int) -> Reliability:
    """Bin pixels by the probability of one class; right is a pixel that is of that class."""
    flat = probabilities.reshape(-1, probabilities.shape[-1])
    return _binned(flat[:, value], masks.reshape(-1) == value, bins)


def photo_gaps(probabilities: Any, masks: Any, bins: int) -> Any:
    """Count, per photo and bin, pixels, and right pixels minus confidence: (n, bins, 2) int64.

    Confidence is counted in parts of `GAP_UNIT`, so that sums over photos are exact.
    """
    counted = np.zeros((len(masks), bins, 2), dtype=np.int64)
    for place, (rows, truth) in enumerate(zip(probabilities, masks, strict=True)):
        confidence = rows.max(axis=-1).reshape(-1)
        right = (rows.argmax(axis=-1) == truth).reshape(-1)
        index = _bin_of(confidence, bins)
        gap = (right - confidence) * GAP_UNIT
        counted[place, :, 0] = np.bincount(index, minlength=bins)
        counted[place, :, 1] = np.rint(np.bincount(index, weights=gap, minlength=bins)).astype(np.int64)
    return counted


def confidence_scores(probabilities: Any, masks: Any, bins: int) -> Confidence:
    """Compute all four scores."""
    classes = probabilities.shape[-1]
    flat = probabilities.reshape(-1, classes)
    truth = masks.reshape(-1).astype(np.int64)
    right = np.take_along_axis(flat, truth[:, None], axis=-1)[:, 0]
    squares = (flat**2).sum(axis=-1) - 2.0 * right + 1.0
    errors = [_binned(flat[:, index], truth == index, bins).error for index in range(classes)]
    return Confidence(
        ece=reliability(probabilities, masks, bins).error,
        classwise_ece=sum(errors) / classes,
        brier=float(squares.mean()),
        nll=float(-np.log(np.maximum(right, np.finfo(np.float64).tiny)).mean()),
    )


def _binned(confidence: Any, right: Any, bins: int) -> Reliability:
    index = _bin_of(confidence, bins)
    count = np.bincount(index, minlength=bins)
    filled = np.maximum(count, 1)
    return Reliability(
        tuple(count.tolist()),
        tuple((np.bincount(index, weights=confidence, minlength=bins) / filled).tolist()),
        tuple((np.bincount(index, weights=right.astype(np.float64), minlength=bins) / filled).tolist()),
    )


def _bin_of(confidence: Any, bins: int) -> Any:
    """Bins are (low, high]; a confidence of 0 falls into the first."""
    return np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
