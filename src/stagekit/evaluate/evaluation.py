"""What an evaluation is: the model's answers on the test split, and everything that was found out by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stagekit.calibrate.calibration import Calibration
from stagekit.dataset import Dataset
from stagekit.evaluate.baselines import Baseline
from stagekit.evaluate.behaviour import Finding
from stagekit.evaluate.cost import Cost
from stagekit.evaluate.origin import Origin
from stagekit.evaluate.params import EvaluateParams
from stagekit.evaluate.robustness import Robustness
from stagekit.evaluate.slices import Slice
from stagekit.evaluate.spread import Spread
from stagekit.metrics.confidence import Confidence, Reliability
from stagekit.metrics.segmentation import Scores
from stagekit.model.bundle import Signature
from stagekit.train.params import TrainParams

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Trust:
    """How far confidences can be trusted: scores, the reliability diagram, and one diagram a class."""

    scores: Confidence
    diagram: Reliability
    classes: tuple[Reliability, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the model said of each photo, and the counts that all scores are made of.

    `probabilities` (n, size, size, classes) are calibrated; `predictions` (n, size, size) uint8; `matrices`
    (n, classes, classes) count pixels per photo, true class first; `boundary` (n, classes, 2) as
    `boundary_counts` gives it; `changed` is the share of pixels whose class calibration changed.
    """

    probabilities: Any
    predictions: Any
    matrices: Any
    boundary: Any
    changed: float


@dataclass(frozen=True, slots=True)
class Headline:
    """The scores on all photos, with their intervals; `boundary` has one boundary IoU a class."""

    scores: Scores
    interval: Interval
    boundary: tuple[float | None, ...]
    boundary_interval: Interval
    ece_interval: Interval


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The model on the test split; a part that the parameters switch off is empty or None."""

    params: EvaluateParams
    data: Dataset
    signature: Signature
    training: TrainParams
    origin: Origin
    calibration: Calibration
    answers: Answers
    headline: Headline
    before: Trust
    after: Trust
    baselines: tuple[Baseline, ...]
    slices: tuple[Slice, ...]
    behaviour: tuple[Finding, ...]
    robustness: Robustness
    cost: Cost
    spread: Spread | None
