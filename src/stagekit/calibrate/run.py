"""The stage calibrate: choose, fit, score before and after, hand the model on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stagekit.calibrate.calibration import UNCALIBRATED, Calibration, write_calibration
from stagekit.calibrate.choose import (
    Held,
    chosen_method,
    cross_validate,
    fit,
    held_out,
    lattice,
)
from stagekit.calibrate.intervals import score_intervals
from stagekit.calibrate.params import CalibrateParams
from stagekit.canonical import write_json
from stagekit.dataset import Dataset, load_dataset
from stagekit.metrics.bootstrap import LEVEL
from stagekit.metrics.confidence import class_reliability, confidence_scores, reliability
from stagekit.metrics.folds import fold_numbers
from stagekit.metrics.segmentation import confusion, scores
from stagekit.model.bundle import CALIBRATION, carry
from stagekit.model.predict import load_model, predictor
from stagekit.report.diagrams import reliability_figure
from stagekit.report.figures import save
from stagekit.samples import CLASSES


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A fitted calibration and its probabilities (n, height, width, classes) on the split it was fitted on.

    `held_out` are those by fits on the other folds: what a new photo would get. Without a second photo there
    are none, and `families` is empty.
    """

    calibration: Calibration
    before: Any
    after: Any
    held_out: Any
    families: tuple[Held, ...]


def calibrate(samples: Path, model: Path, out: Path, params: CalibrateParams) -> None:
    """Calibrate the model folder `model` on the folder `samples`.

    Writes `calibration.json`, `scores.json`, reliability figures, and `model/` with the calibration in it.
    """
    data = load_dataset(samples)
    done = fit_chosen(predictor(load_model(model))(data.images), data, params)
    write_json(out / "scores.json", scores_record(done, data, params))
    _draw(out, done, data, params.bins)
    write_calibration(out / CALIBRATION, done.calibration)
    carry(model, out / "model")
    write_calibration(out / "model" / CALIBRATION, done.calibration)


def fit_chosen(logits: Any, data: Dataset, params: CalibrateParams) -> Calibrated:
    """Choose the family by cross-validation, if asked to, and fit it on all photos."""
    numbers = fold_numbers(data.ids, params.folds, params.seed)
    families: tuple[Held, ...] = ()
    if len(data) > 1:
        families = cross_validate(logits, data.masks, numbers)
    method = chosen_method(params.method, families, params.max_iou_loss)
    calibration = fit(method, lattice(logits), lattice(data.masks))
    return Calibrated(
        calibration,
        UNCALIBRATED.probabilities(logits),
        calibration.probabilities(logits),
        held_out(method, logits, data.masks, numbers) if families else None,
        families,
    )


def scores_record(done: Calibrated, data: Dataset, params: CalibrateParams) -> dict[str, Any]:
    """Give what `scores.json` holds; `cross_validated` is None where one photo left nothing to hold out."""
    answers = {"before": done.before, "after": done.after, "cross_validated": done.held_out}
    moved = done.before.argmax(axis=-1) != done.after.argmax(axis=-1)
    return {
        "method": {"asked": params.method, "chosen": done.calibration.method},
        "families": {
            family.method: {
                "nll": family.mean,
                "standard_error": family.standard_error,
                "mean_iou": family.mean_iou,
            }
            for family in done.families
        },
        "folds": min(params.folds, len(data)) if done.families else 0,
        "samples": len(data),
        "bins": params.bins,
        "intervals": {"level": LEVEL, "resamples": params.resamples, "over": "photos"},
        "changed_pixels": float(np.mean(moved)),
        **{
            name: None if given is None else _scores(given, data.masks, params)
            for name, given in answers.items()
        },
    }


def _scores(probabilities: Any, masks: Any, params: CalibrateParams) -> dict[str, Any]:
    matrix = confusion(masks, probabilities.argmax(axis=-1), len(CLASSES)).sum(axis=0)
    intervals = score_intervals(probabilities, masks, params.bins, params.resamples, params.seed)
    return {
        **confidence_scores(probabilities, masks, params.bins).as_record(),
        "mean_iou": scores(matrix).mean_iou,
        "intervals": {name: {"low": low, "high": high} for name, (low, high) in intervals.items()},
    }


def _draw(out: Path, done: Calibrated, data: Dataset, bins: int) -> None:
    answers = {"before": done.before, "after": done.after}
    diagrams = {name: reliability(given, data.masks, bins) for name, given in answers.items()}
    save(reliability_figure(diagrams), out / "reliability.png")
    for name, given in answers.items():
        by_class = {
            label: class_reliability(given, data.masks, value, bins) for value, label in enumerate(CLASSES)
        }
        save(reliability_figure(by_class), out / f"reliability_classes_{name}.png")
