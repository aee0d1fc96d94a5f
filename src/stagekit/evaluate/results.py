"""The evaluation as files for machines: `metrics.json` (docs/design/metrics.md), `evaluation_result.csv`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stagekit.canonical import write_csv, write_json
from stagekit.evaluate.behaviour import Finding
from stagekit.evaluate.evaluation import Evaluation, Interval, Trust
from stagekit.evaluate.ranking import ranked
from stagekit.evaluate.robustness import Changed, retained
from stagekit.evaluate.slices import KINDS, Slice, pet_size, worst_slice
from stagekit.metrics.bootstrap import LEVEL, present_mean
from stagekit.metrics.boundary import boundary_iou
from stagekit.metrics.segmentation import scores
from stagekit.samples import CLASSES

_VERSION = 2


def write_results(out: Path, evaluation: Evaluation) -> None:
    """Write both files."""
    write_json(out / "metrics.json", metrics(evaluation))
    write_table(out / "evaluation_result.csv", evaluation)


def metrics(evaluation: Evaluation) -> dict[str, Any]:
    """Give `metrics.json`: the headline figures at its top level, everything else below names."""
    headline = evaluation.headline
    return {
        "v": _VERSION,
        **headline.scores.as_record(CLASSES),
        **evaluation.after.scores.as_record(),
        "samples": len(evaluation.data),
        "mean_iou_interval": _interval(headline.interval),
        "ece_interval": _interval(headline.ece_interval),
        "boundary_iou_interval": _interval(headline.boundary_interval),
        "boundary_iou": {
            "mean": mean_boundary_iou(headline.boundary),
            **dict(zip(CLASSES, headline.boundary, strict=True)),
            "dilation": evaluation.params.dilation,
        },
        "confusion": _confusion(evaluation),
        "calibration": _calibration(evaluation),
        "baselines": {
            other.name: {
                **other.scores.as_record(CLASSES),
                "gain": other.gain,
                "gain_low": other.interval[0],
                "gain_high": other.interval[1],
            }
            for other in evaluation.baselines
        },
        "slices": _slices(evaluation.slices),
        "worst_slice": _worst_slice(evaluation.slices),
        **_parts(evaluation),
        "cost": evaluation.cost.as_record(),
        "model": {
            "encoder": evaluation.signature.architecture.encoder,
            "tensors_sha256": evaluation.signature.tensors_sha256,
            "hyperparameters": evaluation.training.hyperparameters.model_dump(mode="json"),
        },
    }


def mean_boundary_iou(values: tuple[float | None, ...]) -> float:
    """Give the mean over the classes that have one."""
    return float(present_mean([float("nan") if value is None else value for value in values]))


def write_table(path: Path, evaluation: Evaluation) -> None:
    """Write one row a sample, the best first."""
    pairs = [(true, guess) for true in CLASSES for guess in CLASSES]
    columns = (
        "id",
        "breed",
        "species",
        "size",
        "mean_iou",
        *(f"iou_{name}" for name in CLASSES),
        "mean_dice",
        "pixel_accuracy",
        "boundary_iou",
        "mean_confidence",
        *(f"pixels_{true}_{guess}" for true, guess in pairs),
    )
    write_csv(path, columns, [_row(evaluation, place) for place in ranked(evaluation)])


def _row(evaluation: Evaluation, place: int) -> tuple[Any, ...]:
    answers, record = evaluation.answers, evaluation.data.records[place]
    own = scores(answers.matrices[place])
    return (
        evaluation.data.ids[place],
        record["breed"],
        record["species"],
        pet_size(record),
        own.mean_iou,
        *own.iou,
        own.mean_dice,
        own.pixel_accuracy,
        mean_boundary_iou(boundary_iou(answers.boundary[place])),
        float(answers.probabilities[place].max(axis=-1).mean()),
        *answers.matrices[place].reshape(-1),
    )


def _interval(found: Interval) -> dict[str, float]:
    return {"level": LEVEL, "low": found[0], "high": found[1]}


def _confusion(evaluation: Evaluation) -> dict[str, dict[str, int]]:
    total = evaluation.answers.matrices.sum(axis=0)
    return {
        true: {guess: int(total[row, column]) for column, guess in enumerate(CLASSES)}
        for row, true in enumerate(CLASSES)
    }


def _calibration(evaluation: Evaluation) -> dict[str, Any]:
    def with_classes(trust: Trust) -> dict[str, Any]:
        errors = dict(zip(CLASSES, (diagram.error for diagram in trust.classes), strict=True))
        return {**trust.scores.as_record(), "class_ece": errors}

    return {
        **evaluation.calibration.as_record(),
        "before": with_classes(evaluation.before),
        "after": with_classes(evaluation.after),
        "changed_pixels": evaluation.answers.changed,
    }


def _slices(parts: tuple[Slice, ...]) -> dict[str, Any]:
    return {
        kind: {part.name: _slice(part) for part in parts if part.kind == kind} for kind, _ in sorted(KINDS)
    }


def _slice(part: Slice) -> dict[str, Any]:
    low, high = part.interval
    return {
        "samples": part.samples,
        "enough": int(part.enough),
        "mean_iou": part.scores.mean_iou,
        "low": low,
        "high": high,
    }


def _worst_slice(parts: tuple[Slice, ...]) -> dict[str, Any] | None:
    found = worst_slice(parts)
    return None if found is None else {"kind": found.kind, "name": found.name, **_slice(found)}


def _parts(evaluation: Evaluation) -> dict[str, Any]:
    """Give the parts that the parameters may switch off."""
    found: dict[str, Any] = {}
    if evaluation.behaviour:
        found["behaviour"] = _behaviour(evaluation.behaviour)
    curves = {"fgsm": evaluation.robustness.fgsm, "blur": evaluation.robustness.blur}
    measured = {name: _curve(curve) for name, curve in curves.items() if curve}
    if measured:
        found["robustness"] = measured
    if evaluation.spread is not None:
        found["spread"] = evaluation.spread.as_record()
    return found


def _curve(curve: tuple[Changed, ...]) -> dict[str, dict[str, float | None]]:
    return {
        str(changed.strength): {
            "mean_iou": changed.scores.mean_iou,
            "retained": retained(curve, place),
            "border": changed.border,
        }
        for place, changed in enumerate(curve)
        if place
    }


def _behaviour(findings: tuple[Finding, ...]) -> dict[str, Any]:
    verdicts = [finding.ok for finding in findings]
    record: dict[str, Any] = {
        "tested": sum(verdict is not None for verdict in verdicts),
        "passed": sum(verdict is True for verdict in verdicts),
        "failed": sum(verdict is False for verdict in verdicts),
        "untested": sum(verdict is None for verdict in verdicts),
    }
    for finding in findings:
        low, high = finding.interval or (None, None)
        record[finding.name] = {
            "value": finding.value,
            "bound": finding.bound,
            "ok": None if finding.ok is None else int(finding.ok),
            "samples": finding.samples,
            "low": low,
            "high": high,
        }
    return record
