"""Everything that the evaluation knows, computed once; files and report are made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stagekit.calibrate.calibration import UNCALIBRATED, read_calibration
from stagekit.dataset import Dataset, load_dataset
from stagekit.evaluate.evaluation import LEVEL, Evaluation, Options, Trust
from stagekit.metrics.confidence import confidence_scores, reliability
from stagekit.metrics.segmentation import Scores, confusion, mean_iou_interval, scores
from stagekit.model.bundle import CALIBRATION, read_record, read_signature
from stagekit.model.predict import load_model, predictor
from stagekit.samples import CLASSES
from stagekit.train.outcome import read_training


def evaluate(test: Path, calibrated: Path, trained: Path, options: Options) -> Evaluation:
    """Evaluate the model folder in `calibrated` on the samples in `test`.

    `trained` is train's output: its model and its majority class are the baselines.
    """
    data = load_dataset(test)
    model = calibrated / "model"
    calibration = read_calibration(model / CALIBRATION)
    logits = predictor(load_model(model))(data.images)
    probabilities = calibration.probabilities(logits)
    predictions = probabilities.argmax(axis=-1).astype("uint8")
    matrices = confusion(data.masks, predictions, len(CLASSES))
    training, _ = read_training(model)
    return Evaluation(
        data=data,
        signature=read_signature(model),
        training=training,
        calibration=calibration,
        probabilities=probabilities,
        predictions=predictions,
        matrices=matrices,
        scores=scores(matrices.sum(axis=0)),
        interval=mean_iou_interval(matrices, options.resamples, LEVEL, options.seed),
        before=_trust(UNCALIBRATED.probabilities(logits), data, options.bins),
        after=_trust(probabilities, data, options.bins),
        baselines={
            "majority class": _majority(data, read_record(trained / "metrics.json")),
            "train's model": _other_model(data, trained / "model"),
        },
    )


def _trust(probabilities: Any, data: Dataset, bins: int) -> Trust:
    return Trust(
        confidence_scores(probabilities, data.masks, bins), reliability(probabilities, data.masks, bins)
    )


def _majority(data: Dataset, train_metrics: dict[str, Any]) -> Scores:
    """Score the answer that is the training split's most frequent class everywhere."""
    shares = train_metrics["class_shares"]
    guess = max(range(len(CLASSES)), key=lambda value: shares[CLASSES[value]])
    return scores(confusion(data.masks, data.masks * 0 + guess, len(CLASSES)).sum(axis=0))


def _other_model(data: Dataset, folder: Path) -> Scores:
    logits = predictor(load_model(folder))(data.images)
    return scores(confusion(data.masks, logits.argmax(axis=-1), len(CLASSES)).sum(axis=0))
