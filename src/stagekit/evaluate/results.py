"""The evaluation as files for machines: `metrics.json` and `evaluation_result.csv`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stagekit.canonical import write_csv, write_json
from stagekit.evaluate.evaluation import LEVEL, Evaluation
from stagekit.evaluate.ranking import ranked
from stagekit.evaluate.slices import Slice, pet_size
from stagekit.metrics.segmentation import scores
from stagekit.samples import CLASSES


def write_results(out: Path, evaluation: Evaluation, parts: tuple[Slice, ...]) -> None:
    """Write both files."""
    write_json(out / "metrics.json", metrics(evaluation, parts))
    write_table(out / "evaluation_result.csv", evaluation)


def metrics(evaluation: Evaluation, parts: tuple[Slice, ...]) -> dict[str, Any]:
    """Give `metrics.json`: the headline figures at its top level, everything else below names."""
    calibration = evaluation.calibration
    kinds = sorted({part.kind for part in parts})
    return {
        **evaluation.scores.as_record(CLASSES),
        **evaluation.after.scores.as_record(),
        "samples": len(evaluation.data),
        "mean_iou_interval": {
            "level": LEVEL,
            "low": evaluation.interval[0],
            "high": evaluation.interval[1],
        },
        "confusion": {
            true: {
                guess: int(evaluation.matrices[:, row, column].sum()) for column, guess in enumerate(CLASSES)
            }
            for row, true in enumerate(CLASSES)
        },
        "calibration": {
            "method": calibration.method,
            "temperature": calibration.temperature,
            "before": evaluation.before.scores.as_record(),
            "after": evaluation.after.scores.as_record(),
        },
        "baselines": {name: other.as_record(CLASSES) for name, other in evaluation.baselines.items()},
        "slices": {
            kind: {part.name: _slice_record(part) for part in parts if part.kind == kind} for kind in kinds
        },
        "model": {
            "encoder": evaluation.signature.architecture.encoder,
            "tensors_sha256": evaluation.signature.tensors_sha256,
            "hyperparameters": evaluation.training.hyperparameters.model_dump(mode="json"),
        },
    }


def write_table(path: Path, evaluation: Evaluation) -> None:
    """Write one row a sample, the best first."""
    columns = (
        "id",
        "breed",
        "species",
        "size",
        "mean_iou",
        *(f"iou_{name}" for name in CLASSES),
        "mean_dice",
        "pixel_accuracy",
        "mean_confidence",
    )
    rows = []
    for place in ranked(evaluation):
        record, own = evaluation.data.records[place], scores(evaluation.matrices[place])
        confidence = float(evaluation.probabilities[place].max(axis=-1).mean())
        rows.append(
            (
                evaluation.data.ids[place],
                record["breed"],
                record["species"],
                pet_size(record),
                own.mean_iou,
                *own.iou,
                own.mean_dice,
                own.pixel_accuracy,
                confidence,
            )
        )
    write_csv(path, columns, rows)


def _slice_record(part: Slice) -> dict[str, Any]:
    low, high = part.interval
    return {"samples": part.samples, "mean_iou": part.scores.mean_iou, "low": low, "high": high}
