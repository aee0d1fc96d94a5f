from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stagekit.calibrate.calibration import UNCALIBRATED
from stagekit.dataset import load_dataset
from stagekit.evaluate.evaluation import Evaluation, Trust
from stagekit.metrics.confidence import confidence_scores, reliability
from stagekit.metrics.segmentation import confusion, mean_iou_interval, scores
from stagekit.model.architecture import Architecture
from stagekit.model.bundle import Signature
from stagekit.train.params import TrainParams


@pytest.fixture
def evaluation(split_folder: Path, tiny: TrainParams) -> Evaluation:
    """An evaluation of answers that get worse from sample to sample: the first is perfect."""
    data = load_dataset(split_folder / "test")
    random = np.random.default_rng(6)
    wrong = random.random(data.masks.shape) < (np.arange(len(data)) / 10)[:, None, None]
    predictions = np.where(wrong, (data.masks + 1) % 3, data.masks).astype(np.uint8)
    probabilities = np.eye(3)[predictions] * 0.7 + 0.1
    matrices = confusion(data.masks, predictions, 3)
    trust = Trust(
        confidence_scores(probabilities, data.masks, 10), reliability(probabilities, data.masks, 10)
    )
    return Evaluation(
        data=data,
        signature=Signature(Architecture("mobilenet_v2", 32, (8, 8, 8, 8)), "0" * 64),
        training=tiny,
        calibration=UNCALIBRATED,
        probabilities=probabilities,
        predictions=predictions,
        matrices=matrices,
        scores=scores(matrices.sum(axis=0)),
        interval=mean_iou_interval(matrices, 100, 0.95, 0),
        before=trust,
        after=trust,
        baselines={"majority class": scores(confusion(data.masks, data.masks * 0 + 1, 3).sum(axis=0))},
    )
