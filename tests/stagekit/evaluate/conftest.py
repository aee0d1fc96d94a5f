from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stagekit.calibrate.calibration import UNCALIBRATED
from stagekit.dataset import Dataset, load_dataset
from stagekit.evaluate.baselines import baselines
from stagekit.evaluate.behaviour import behaviour
from stagekit.evaluate.cost import Cost
from stagekit.evaluate.evaluation import Answers, Evaluation, Headline, Trust
from stagekit.evaluate.origin import Origin
from stagekit.evaluate.params import EvaluateParams
from stagekit.evaluate.robustness import robustness
from stagekit.evaluate.slices import slices
from stagekit.metrics.bootstrap import mean_iou_interval
from stagekit.metrics.boundary import boundary_counts, boundary_iou
from stagekit.metrics.confidence import class_reliability, confidence_scores, reliability
from stagekit.metrics.segmentation import confusion, scores
from stagekit.model.architecture import Architecture
from stagekit.model.bundle import Signature
from stagekit.train.params import TrainParams


@pytest.fixture
def params() -> EvaluateParams:
    return EvaluateParams(
        v=2, seed=1, title="A report", bins=10, resamples=100, overlays=2, worst=2, enough=2
    )


@pytest.fixture
def data(split_folder: Path) -> Dataset:
    return load_dataset(split_folder / "test")


@pytest.fixture
def evaluation(data: Dataset, params: EvaluateParams, tiny: TrainParams) -> Evaluation:
    """An evaluation of answers that get worse from sample to sample: the first is perfect."""
    random = np.random.default_rng(6)
    wrong = random.random(data.masks.shape) < (np.arange(len(data)) / 10)[:, None, None]
    predictions = np.where(wrong, (data.masks + 1) % 3, data.masks).astype(np.uint8)
    matrices = confusion(data.masks, predictions, 3)
    probabilities = np.eye(3)[predictions] * 0.7 + 0.1
    answers = Answers(
        probabilities, predictions, matrices, boundary_counts(data.masks, predictions, 3, 0.02), 0.0
    )
    found = scores(matrices.sum(axis=0))
    headline = Headline(
        found,
        mean_iou_interval(matrices, 100, 0),
        boundary_iou(answers.boundary.sum(axis=0)),
        (0.1, 0.9),
        (0.0, 0.1),
    )
    return Evaluation(
        params=params,
        data=data,
        signature=Signature(Architecture("mobilenet_v2", 32, (8, 8, 8, 8)), "0" * 64),
        training=tiny,
        origin=Origin("pretrained", 12, 4),
        calibration=UNCALIBRATED,
        answers=answers,
        headline=headline,
        before=trust(probabilities, data),
        after=trust(probabilities, data),
        baselines=baselines(data, {"majority class": data.masks * 0 + 1}, matrices, 100, 0),
        slices=slices(data.records, matrices, params.enough, 100, 0),
        behaviour=behaviour(bright_is_pet, data, predictions, params),
        robustness=robustness(
            bright_is_pet, data, matrices.sum(axis=0), np.ones_like(data.images, dtype=np.int8), params
        ),
        cost=Cost(0.1, 1000, 0.5),
        spread=None,
    )


def trust(probabilities: Any, data: Dataset) -> Trust:
    classes = tuple(class_reliability(probabilities, data.masks, value, 10) for value in range(3))
    return Trust(
        confidence_scores(probabilities, data.masks, 10),
        reliability(probabilities, data.masks, 10),
        classes,
    )


def bright_is_pet(images: Any) -> Any:
    """Stand for a model: pet where a pixel is red, border where it is not dark, else background."""
    red, green = images[..., 0], images[..., 1]
    return np.where(red > 165, 0, np.where(green > 75, 2, 1)).astype(np.uint8)
