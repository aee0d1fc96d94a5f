"""Everything that the evaluation knows, computed once; files and report are made from it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.calibrate.calibration import UNCALIBRATED
from stagekit.dataset import Dataset, load_dataset
from stagekit.evaluate.baselines import TRAINED, Baseline, baselines, colour_model, majority
from stagekit.evaluate.behaviour import behaviour
from stagekit.evaluate.cost import cost
from stagekit.evaluate.evaluation import Answers, Evaluation, Headline, Trust
from stagekit.evaluate.gradient import signs
from stagekit.evaluate.latency import measure, write_timing
from stagekit.evaluate.origin import origin
from stagekit.evaluate.params import EvaluateParams
from stagekit.evaluate.robustness import robustness
from stagekit.evaluate.slices import slices
from stagekit.evaluate.spread import member_folders, spread
from stagekit.evaluate.subject import Subject, load_after
from stagekit.metrics.bootstrap import ece_interval, mean_iou_interval, mean_ratio_interval
from stagekit.metrics.boundary import boundary_counts, boundary_iou
from stagekit.metrics.confidence import (
    class_reliability,
    confidence_scores,
    likeliest,
    photo_gaps,
    reliability,
)
from stagekit.metrics.segmentation import confusion, scores
from stagekit.model.bundle import TRAINING, read_record, read_signature
from stagekit.samples import CLASSES
from stagekit.train.outcome import read_training


@dataclass(frozen=True, slots=True)
class Sources:
    """The input folders: the test split, calibrate's output (whose model is evaluated), train's output."""

    test: Path
    calibrated: Path
    trained: Path


def evaluate(sources: Sources, out: Path, params: EvaluateParams) -> Evaluation:
    """Evaluate the model in `sources.calibrated` on the samples in `sources.test`.

    Writes `latency.json` to `out` if the parameters ask for it, and the latency to the standard error.
    """
    model = sources.calibrated / "model"
    data = load_dataset(sources.test)
    trained = member_folders(sources.trained) if params.spread else [sources.trained / "model"]
    subject, others = load_after(trained, model, data.images)
    logits = subject.logits(data.images)
    answers = _answers(subject, data, logits, params)
    headline = _headline(answers, data, params)
    training, _ = read_training(model)
    direction = signs(subject.network, data) if params.epsilons else None
    evaluation = Evaluation(
        params=params,
        data=data,
        signature=read_signature(model),
        training=training,
        origin=origin(read_record(model / TRAINING), read_record(sources.trained / "metrics.json")),
        calibration=subject.calibration,
        answers=answers,
        headline=headline,
        before=trust(UNCALIBRATED.probabilities(logits), data, params.bins),
        after=trust(answers.probabilities, data, params.bins),
        baselines=_baselines(data, sources.trained, others[0], answers, params),
        slices=slices(data.records, answers.matrices, params.enough, params.resamples, params.seed),
        behaviour=behaviour(subject.classes, data, answers.predictions, params),
        robustness=robustness(subject.classes, data, answers.matrices.sum(axis=0), direction, params),
        cost=cost(subject.network),
        spread=spread(data, others) if params.spread else None,
    )
    _time(subject, data, out, params)
    return evaluation


def trust(probabilities: Any, data: Dataset, bins: int) -> Trust:
    """Score the confidence of probabilities (n, size, size, classes)."""
    return Trust(
        confidence_scores(probabilities, data.masks, bins),
        reliability(probabilities, data.masks, bins),
        tuple(class_reliability(probabilities, data.masks, value, bins) for value in range(len(CLASSES))),
    )


def _answers(subject: Subject, data: Dataset, logits: Any, params: EvaluateParams) -> Answers:
    probabilities = subject.calibration.probabilities(logits)
    predictions = likeliest(probabilities)
    return Answers(
        probabilities=probabilities,
        predictions=predictions,
        matrices=confusion(data.masks, predictions, len(CLASSES)),
        boundary=boundary_counts(data.masks, predictions, len(CLASSES), params.dilation),
        changed=float((likeliest(logits) != predictions).mean()),
    )


def _headline(answers: Answers, data: Dataset, params: EvaluateParams) -> Headline:
    drawn = (params.resamples, params.seed)
    return Headline(
        scores=scores(answers.matrices.sum(axis=0)),
        interval=mean_iou_interval(answers.matrices, *drawn),
        boundary=boundary_iou(answers.boundary.sum(axis=0)),
        boundary_interval=mean_ratio_interval(answers.boundary, *drawn),
        ece_interval=ece_interval(photo_gaps(answers.probabilities, data.masks, params.bins), *drawn),
    )


def _baselines(
    data: Dataset, trained: Path, of_trained: Any, answers: Answers, params: EvaluateParams
) -> tuple[Baseline, ...]:
    others = {
        "majority class": majority(data, read_record(trained / "metrics.json")),
        "colour model": colour_model(data, params.seed),
        TRAINED: of_trained,
    }
    return baselines(data, others, answers.matrices, params.resamples, params.seed)


def _time(subject: Subject, data: Dataset, out: Path, params: EvaluateParams) -> None:
    if params.latency is not None:
        timing = measure(subject.classes, data.images, params.latency.photos)
        print(timing.sentence(), file=sys.stderr)  # noqa: T201 - becomes the job's log
        if params.latency.file:
            write_timing(out / "latency.json", timing)
