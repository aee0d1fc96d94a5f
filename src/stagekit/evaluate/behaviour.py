"""Behavioural tests: what a usable model does whatever its score.

After Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList" (ACL 2020), for
pictures: *invariance* (a change that means nothing changes little), *direction* (blur makes outlines vaguer,
so the border must cover no less), and *minimum functionality* (easy photos are answered well).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from stagekit.dataset import Dataset
from stagekit.evaluate.changes import blurred, brightened, shifted
from stagekit.evaluate.params import Behaviour, EvaluateParams
from stagekit.evaluate.slices import LARGE, pet_share
from stagekit.metrics.bootstrap import mean_interval, mean_iou_interval, mean_ratio_interval
from stagekit.metrics.segmentation import confusion, scores
from stagekit.samples import CLASSES

PET, BORDER = CLASSES.index("pet"), CLASSES.index("border")
FOUND = 0.5
"""A pet counts as found from this IoU on."""
CENTRAL = 0.2
"""A pet is central when its centre is at most this share of the side away from the picture's."""

Answer = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One test: what came out of how many photos, and what it had to reach.

    `value`, `interval` and `ok` are None where there are too few photos to say.
    """

    name: str
    kind: str
    question: str
    samples: int
    bound: float
    value: float | None
    interval: tuple[float, float] | None

    @property
    def ok(self) -> bool | None:
        """Whether the model passes; None if that was not tested."""
        return None if self.value is None else self.value >= self.bound

    @property
    def sure(self) -> bool:
        """Whether it would mostly pass with other photos of the same kind too."""
        return bool(self.ok and self.interval and self.interval[0] >= self.bound)


def behaviour(answer: Answer, data: Dataset, predictions: Any, params: EvaluateParams) -> tuple[Finding, ...]:
    """Run every test; `answer` gives classes for images, `predictions` are those for the plain photos."""
    if params.behaviour is None:
        return ()
    asked = (params.behaviour, params.resamples, params.seed)
    return (
        *_invariances(answer, data, predictions, *asked),
        _blur(answer, data, predictions, *asked),
        *_minimum(data, predictions, params.enough, *asked),
    )


def _invariances(
    answer: Answer, data: Dataset, predictions: Any, bounds: Behaviour, resamples: int, seed: int
) -> Iterator[Finding]:
    def finding(name: str, question: str, bound: float, matrices: Any) -> Finding:
        agreement = scores(matrices.sum(axis=0)).mean_iou
        seen = mean_iou_interval(matrices, resamples, seed)
        return Finding(name, "invariance", question, len(matrices), bound, agreement, seen)

    mirrored = answer(np.ascontiguousarray(data.images[:, :, ::-1]))[:, :, ::-1]
    yield finding(
        "flip", "Is a mirrored photo answered alike?", bounds.flip, _agreement(predictions, mirrored)
    )
    by = bounds.brightness_by
    lit = sum(_agreement(predictions, answer(brightened(data.images, change))) for change in (by, -by))
    yield finding("brightness", f"And one that is {by} of 255 brighter, or darker?", bounds.brightness, lit)
    step = bounds.shift_by
    shifted = sum(_shifted(answer, data.images, predictions, move) for move in (step, -step))
    yield finding(
        "shift", f"And one moved by {step} pixels, down and right, or up and left?", bounds.shift, shifted
    )


def _blur(
    answer: Answer, data: Dataset, predictions: Any, bounds: Behaviour, resamples: int, seed: int
) -> Finding:
    sharp = (predictions == BORDER).sum(axis=(1, 2))
    vague = (answer(blurred(data.images, bounds.blur_by)) == BORDER).sum(axis=(1, 2))
    seen = mean_ratio_interval(np.stack([vague, sharp], axis=-1)[:, None], resamples, seed)
    value = float(vague.sum() / sharp.sum()) if sharp.any() else None
    return Finding(
        "blur",
        "direction",
        f"Does the border cover no less where a photo is blurred (radius {bounds.blur_by:g})?",
        len(data),
        bounds.blur,
        value,
        None if value is None else seen,
    )


def _minimum(
    data: Dataset, predictions: Any, enough: int, bounds: Behaviour, resamples: int, seed: int
) -> Iterator[Finding]:
    both, either = _pet_counts(data.masks, predictions)
    found = np.where(either > 0, both / np.maximum(either, 1), 1.0)
    easy = [place for place in range(len(data)) if is_easy(data, place)]
    question = f"Is a pet that is central and covers more than {LARGE:.0%} of the photo marked well?"
    value, seen = None, None
    if len(easy) >= enough:
        value = float(both[easy].sum() / either[easy].sum())
        seen = mean_ratio_interval(np.stack([both, either], axis=-1)[easy][:, None], resamples, seed)
    kind = "minimum"
    yield Finding("large_and_centred", kind, question, len(easy), bounds.large_and_centred, value, seen)
    caught = (found >= FOUND).astype(np.float64)
    yield Finding(
        "finds_the_pet",
        kind,
        f"Is the pet found at all (IoU of at least {FOUND:g})?",
        len(data),
        bounds.finds_the_pet,
        float(caught.mean()),
        mean_interval(caught, resamples, seed),
    )


def is_easy(data: Dataset, place: int) -> bool:
    """Say whether a photo's pet is large and central."""
    rows, columns = np.nonzero(data.masks[place] != CLASSES.index("background"))
    if pet_share(data.records[place]) <= LARGE or not len(rows):
        return False
    middle, reach = (data.size - 1) / 2, CENTRAL * data.size
    return bool(np.hypot(rows.mean() - middle, columns.mean() - middle) <= reach)


def _shifted(answer: Answer, images: Any, predictions: Any, move: int) -> Any:
    """Compare where both pictures show the same part of the scene."""
    near, far = slice(0, -abs(move)), slice(abs(move), None)
    before, after = (near, far) if move > 0 else (far, near)
    seen = answer(shifted(images, move))[:, after, after]
    return _agreement(predictions[:, before, before], seen)


def _agreement(first: Any, second: Any) -> Any:
    return confusion(np.ascontiguousarray(first), np.ascontiguousarray(second), len(CLASSES))


def _pet_counts(masks: Any, predictions: Any) -> tuple[Any, Any]:
    """Count the pixels of the pet that truth and answer share, and that either marks, per photo."""
    truth, guess = masks == PET, predictions == PET
    return (truth & guess).sum(axis=(1, 2)), (truth | guess).sum(axis=(1, 2))
