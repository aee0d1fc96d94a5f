"""How a score falls when photos get worse: by blur, and by the model's own gradient (FGSM).

The latter is the fast gradient sign method of Goodfellow, Shlens and Szegedy, "Explaining and Harnessing
Adversarial Examples" (ICLR 2015). Photos hold whole numbers 0..255, which is what the model takes: a strength
is a whole number of these values and what leaves the range is clipped, so every attacked photo is one that a
file could hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stagekit.dataset import Dataset
from stagekit.evaluate.changes import blurred
from stagekit.evaluate.params import EvaluateParams
from stagekit.metrics.segmentation import Scores, confusion, scores
from stagekit.samples import CLASSES

BORDER = CLASSES.index("border")


@dataclass(frozen=True, slots=True)
class Changed:
    """The scores after a change of a strength (pixel values, or a radius); 0 is the photo as it is.

    `border` is how much is marked as border, as a multiple of what is where nothing was changed; None where
    there is none.
    """

    strength: int
    scores: Scores
    border: float | None = None


@dataclass(frozen=True, slots=True)
class Robustness:
    """Scores over the strength of each change, from 0 on; empty where it was not asked for."""

    fgsm: tuple[Changed, ...]
    blur: tuple[Changed, ...]


def retained(curve: Sequence[Changed], place: int) -> float:
    """Give the share of the clean mean IoU that a change leaves; of none, nothing is left."""
    clean = curve[0].scores.mean_iou
    return curve[place].scores.mean_iou / clean if clean else 0.0


def robustness(
    answer: Callable[[Any], Any], data: Dataset, clean: Any, direction: Any, params: EvaluateParams
) -> Robustness:
    """Attack and blur every photo with each strength that the parameters name.

    `answer` gives classes for images, `clean` is the confusion matrix of the photos as they are, `direction`
    is where `gradient.signs` points; it is not needed without an attack.
    """
    marked = int(clean[:, BORDER].sum())

    def curve(strengths: Sequence[int], change: Callable[[int], Any]) -> tuple[Changed, ...]:
        found = [Changed(0, scores(clean))] if strengths else []
        for strength in sorted(set(strengths)):
            total = confusion(data.masks, answer(change(strength)), len(CLASSES)).sum(axis=0)
            border = int(total[:, BORDER].sum()) / marked if marked else None
            found.append(Changed(strength, scores(total), border))
        return tuple(found)

    return Robustness(
        fgsm=curve(params.epsilons, lambda epsilon: moved(data.images, direction, epsilon)),
        blur=curve(params.blurs, lambda radius: blurred(data.images, radius)),
    )


def border_in_blur(curve: Sequence[Changed]) -> str:
    """Say what blur does to the border, which a vaguer outline should leave or make broader."""
    told = [(changed.strength, changed.border) for changed in curve if changed.border is not None]
    if not told:
        return ""
    shares = ", ".join(f"{border:.2f}" for _, border in told)
    radii = ", ".join(str(strength) for strength, _ in told)
    return (
        "A vaguer outline should leave the border as broad or make it broader. With blurs of radius "
        f"{radii} the model marks {shares} times as much of it as without."
    )


def moved(images: Any, direction: Any, epsilon: int) -> Any:
    """Move each value by `epsilon` in its direction (-1, 0 or 1), within 0..255: uint8."""
    return np.clip(images.astype(np.int16) + epsilon * direction.astype(np.int16), 0, 255).astype(np.uint8)
