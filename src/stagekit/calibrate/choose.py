"""Which family to take: the one with the lowest cross-validated negative log-likelihood.

Confidence is not to be bought with answers: a family that moves pixels to other classes, so that mean IoU
falls, is passed over.

Folds are of whole photos (`metrics.folds`). Fits see every third row and column: neighbouring pixels tell
nearly the same, and an odd step meets every position of the decoder's 2x2 upsampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stagekit.calibrate.calibration import METHODS, UNCALIBRATED, Calibration
from stagekit.calibrate.isotonic import fit_isotonic
from stagekit.calibrate.temperature import fit_temperature
from stagekit.calibrate.vector import fit_vector
from stagekit.errors import StageError
from stagekit.metrics.segmentation import confusion, scores

STEP = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A family's answers on photos that its fits did not see: each photo's mean NLL (n,), and mean IoU."""

    method: str
    nll: Any
    mean_iou: float

    @property
    def mean(self) -> float:
        """What families are compared by."""
        return round(float(self.nll.mean()), 9)

    @property
    def standard_error(self) -> float:
        """Of the mean, over photos."""
        return round(float(self.nll.std(ddof=1) / np.sqrt(len(self.nll))), 9)


def lattice(pixels: Any) -> Any:
    """Take every third row and column of (n, height, width, …)."""
    return pixels[:, ::STEP, ::STEP]


def fit(method: str, logits: Any, masks: Any) -> Calibration:
    """Fit one family on logits (…, classes) and masks (…)."""
    if method == "temperature":
        return Calibration(method, temperature=fit_temperature(logits, masks))
    if method == "vector":
        scale, bias = fit_vector(logits, masks)
        return Calibration(method, scale=scale, bias=bias)
    if method == "isotonic":
        return Calibration(method, curves=fit_isotonic(logits, masks))
    return UNCALIBRATED


def held_out(method: str, logits: Any, masks: Any, numbers: Any) -> Any:
    """Give each photo's probabilities by a fit on the other folds, shaped as `logits`: (n, h, w, classes)."""
    answers = np.empty(logits.shape, dtype=np.float64)
    small, truth = lattice(logits), lattice(masks)
    for number in range(int(numbers.max()) + 1):
        held = numbers == number
        answers[held] = fit(method, small[~held], truth[~held]).probabilities(logits[held])
    return answers


def cross_validate(logits: Any, masks: Any, numbers: Any) -> tuple[Held, ...]:
    """Score every family on held-out photos, on the lattice."""
    small, truth = lattice(logits), lattice(masks)
    families = []
    for method in METHODS:
        answers = held_out(method, small, truth, numbers)
        matrices = confusion(truth, answers.argmax(axis=-1), answers.shape[-1])
        families.append(Held(method, nll_by_photo(answers, truth), scores(matrices.sum(axis=0)).mean_iou))
    return tuple(families)


def chosen_method(asked: str, held: tuple[Held, ...], max_iou_loss: float) -> str:
    """Give the family to fit: the one asked for, or for `auto` the best; of equals the simpler.

    A family's mean IoU may be below that of the logits as they are by `max_iou_loss`, not more.

    Raises `StageError` where `auto` has nothing to choose by.
    """
    if asked != "auto":
        return asked
    if not held:
        raise StageError(
            "one calibration photo cannot be cross-validated: add photos, or set calibrate.method=temperature"
        )
    floor = max(family.mean_iou for family in held if family.method == "none") - max_iou_loss
    fit_to_take = [family for family in held if family.mean_iou >= floor]
    return min(fit_to_take, key=lambda family: (family.mean, METHODS.index(family.method))).method


def nll_by_photo(probabilities: Any, masks: Any) -> Any:
    """Give the mean negative log-likelihood of each photo, (n,)."""
    right = np.take_along_axis(probabilities, masks[..., None].astype(np.int64), axis=-1)
    return -np.log(np.maximum(right, np.finfo(np.float64).tiny)).mean(axis=(1, 2, 3))
