"""What an evaluation is: the model's answers on the test split, and their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stagekit.calibrate.calibration import Calibration
from stagekit.dataset import Dataset
from stagekit.metrics.confidence import Confidence, Reliability
from stagekit.metrics.segmentation import Scores
from stagekit.model.bundle import Signature
from stagekit.train.params import TrainParams

LEVEL = 0.95
"""Of the bootstrap intervals."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the notebook's parameters say about the figures."""

    seed: int
    bins: int
    resamples: int


@dataclass(frozen=True, slots=True)
class Trust:
    """How far confidences can be trusted: scores and the reliability diagram."""

    scores: Confidence
    diagram: Reliability


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The model on the test split.

    `probabilities` (n, size, size, classes) are calibrated; `predictions` (n, size, size) uint8; `matrices`
    (n, classes, classes) count pixels per sample, true class first. `baselines` are other answers' scores on
    the same samples.
    """

    data: Dataset
    signature: Signature
    training: TrainParams
    calibration: Calibration
    probabilities: Any
    predictions: Any
    matrices: Any
    scores: Scores
    interval: tuple[float, float]
    before: Trust
    after: Trust
    baselines: dict[str, Scores]
