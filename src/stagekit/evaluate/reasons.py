"""Why a photo went wrong, as far as counts and pixels tell: the main confusion, and what may have led to it.

What is told is seen in the photo or the answer. Whether it is the reason, nobody measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from stagekit.dataset import Dataset
from stagekit.evaluate.evaluation import Evaluation
from stagekit.evaluate.slices import SMALL, pet_share
from stagekit.metrics.boundary import band, distance
from stagekit.samples import CLASSES

PET, BACKGROUND, BORDER = (CLASSES.index(name) for name in ("pet", "background", "border"))
UNUSUAL = 0.1
"""A photo is unusual in something when it is among this share of the test photos that are lowest in it."""
CUT = 0.25
"""An animal is cut off when it covers more than this share of the frame."""
SURE, UNSURE = 0.9, 0.6
MOSTLY = 0.8
"""Mistakes lie along the outline when more than this share of the wrong pixels does."""


def main_mistake(matrix: Any) -> str:
    """Say which confusion costs a sample most of its wrong pixels."""
    found = confused(matrix)
    if found is None:
        return "no wrong pixel"
    true, guess = found
    share = int(matrix[true, guess]) / int(matrix.sum())
    return f"{share:.1%} of all pixels are {CLASSES[true]} taken for {CLASSES[guess]}"


def confused(matrix: Any) -> tuple[int, int] | None:
    """Give the commonest confusion (true class, predicted class), or None where nothing is wrong."""
    wrong = matrix * (1 - np.eye(len(CLASSES), dtype=np.int64))
    true, guess = divmod(int(wrong.argmax()), len(CLASSES))
    return (true, guess) if wrong.any() else None


def reasons(evaluation: Evaluation, places: Sequence[int]) -> list[list[str]]:
    """Say for each of these photos what may have led to its mistakes."""
    data = evaluation.data
    alike = _lowest([_contrast(data, place) for place in range(len(data))])
    dark = _lowest([float(image.mean()) for image in data.images])
    return [
        [
            *_of_photo(data, place, alike=place in alike, dark=place in dark),
            *_of_answer(evaluation, place),
        ]
        for place in places
    ]


def _of_photo(data: Dataset, place: int, *, alike: bool, dark: bool) -> Iterator[str]:
    share = pet_share(data.records[place])
    if share < SMALL:
        yield f"the animal covers {share:.0%} of the photo"
    if alike:
        yield "animal and background have nearly the same colour"
    if dark:
        yield "the photo is dark"
    mask = data.masks[place]
    frame = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    cut = float((frame != BACKGROUND).mean())
    if cut > CUT:
        yield f"the animal covers {cut:.0%} of the frame: it is cut off"


def _of_answer(evaluation: Evaluation, place: int) -> Iterator[str]:
    data, answers = evaluation.data, evaluation.answers
    truth, guess = data.masks[place], answers.predictions[place]
    found = confused(answers.matrices[place])
    if found is None:
        return
    if not (guess == PET).any():
        yield "no pet was marked at all"
    if BACKGROUND in found and PET in found and _looks_like(data.images[place], truth, guess, *found):
        yield f"that {CLASSES[found[0]]} has the colour of the {CLASSES[found[1]]}"
    wrong = truth != guess
    along = float((wrong & _outlines(truth, evaluation.params.dilation)).sum() / wrong.sum())
    if along > MOSTLY:
        yield f"{along:.0%} of its mistakes lie along the outline"
    sure = float(answers.probabilities[place].max(axis=-1)[wrong].mean())
    if sure > SURE:
        yield f"the model is sure where it is wrong ({sure:.0%})"
    elif sure < UNSURE:
        yield f"the model is unsure where it is wrong ({sure:.0%})"


def _looks_like(image: Any, truth: Any, guess: Any, true: int, taken: int) -> bool:
    """Say whether pixels taken for another class are nearer to its mean colour than to that of their own."""
    wrong, own, other = (truth == true) & (guess == taken), (truth == true) & (guess == true), truth == taken
    if not own.any() or not other.any():
        return False
    colour, kin, strangers = (image[part].mean(axis=0) for part in (wrong, own, other))
    return bool(np.linalg.norm(colour - strangers) < np.linalg.norm(colour - kin))


def _outlines(truth: Any, dilation: float) -> Any:
    """Mark the border, and the pixels that lie within the distance of boundary IoU of another class."""
    steps = distance(truth.shape[0], truth.shape[1], dilation)
    near = [band(truth[None] == value, steps, frame=False)[0] for value in range(len(CLASSES))]
    return np.logical_or.reduce([truth == BORDER, *near])


def _contrast(data: Dataset, place: int) -> float:
    """Give the distance of the mean colours of pet and background; without either it is no low one."""
    image, mask = data.images[place], data.masks[place]
    if not (mask == PET).any() or not (mask == BACKGROUND).any():
        return float("inf")
    return float(np.linalg.norm(image[mask == PET].mean(axis=0) - image[mask == BACKGROUND].mean(axis=0)))


def _lowest(values: list[float]) -> set[int]:
    """Give the places of the lowest tenth."""
    ordered = sorted(range(len(values)), key=lambda place: (values[place], place))
    return set(ordered[: round(UNUSUAL * len(values))])
