"""The model that is evaluated, as it answers: logits, calibrated, the likeliest class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from stagekit.calibrate.calibration import UNCALIBRATED, Calibration, read_calibration
from stagekit.metrics.confidence import likeliest
from stagekit.model.architecture import Architecture
from stagekit.model.bundle import CALIBRATION, read_signature
from stagekit.model.predict import load_model, load_weights, predictor

_AT_ONCE = 64
"""Photos whose probabilities are held at a time where only the classes are wanted."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model with its calibration; `logits` takes images (n, size, size, 3) uint8."""

    network: Any
    logits: Callable[[Any], Any]
    calibration: Calibration

    def classes(self, images: Any) -> Any:
        """Give the likeliest class of each pixel: (n, size, size) uint8."""
        parts = [
            likeliest(self.calibration.probabilities(self.logits(images[start : start + _AT_ONCE])))
            for start in range(0, len(images), _AT_ONCE)
        ]
        return np.concatenate(parts)


def load_subject(folder: Path) -> Subject:
    """Load a model folder; one without a calibration is taken as it is."""
    network = load_model(folder)
    return Subject(network, predictor(network), _calibration(folder))


def load_after(others: Sequence[Path], folder: Path, images: Any) -> tuple[Subject, list[Any]]:
    """Load a model folder, and give besides what other ones answer to the images: `classes` of each.

    Those are asked first, one after the other: models of one architecture share a network, which takes
    seconds to build and to compile and holds the weights of one of them at a time.
    """
    subject: Subject | None = None
    built: Architecture | None = None
    answers: list[Any] = []
    for place in (*others, folder):
        asked_for = read_signature(place).architecture
        if subject is None or asked_for != built:
            subject, built = load_subject(place), asked_for
        else:
            load_weights(subject.network, place)
            subject = replace(subject, calibration=_calibration(place))
        if len(answers) < len(others):
            answers.append(subject.classes(images))
    assert subject is not None, "there is at least the folder"
    return subject, answers


def _calibration(folder: Path) -> Calibration:
    there = (folder / CALIBRATION).is_file()
    return read_calibration(folder / CALIBRATION) if there else UNCALIBRATED
