"""The model that is evaluated, as it answers: logits, calibrated, the likeliest class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stagekit.calibrate.calibration import UNCALIBRATED, Calibration, read_calibration
from stagekit.metrics.confidence import likeliest
from stagekit.model.bundle import CALIBRATION
from stagekit.model.predict import load_model, predictor

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
    there = (folder / CALIBRATION).is_file()
    calibration = read_calibration(folder / CALIBRATION) if there else UNCALIBRATED
    return Subject(network, predictor(network), calibration)
