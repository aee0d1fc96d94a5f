"""What a fit leaves behind: the model folder, the history, the figures of the best epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stagekit.canonical import write_json
from stagekit.config.block import migrate
from stagekit.errors import StageError
from stagekit.model.architecture import Architecture
from stagekit.model.bundle import TRAINING, WEIGHTS, Signature, read_record, write_signature
from stagekit.model.weights import save_weights, tensors_digest
from stagekit.report.figures import save
from stagekit.samples import CLASSES
from stagekit.train.fit import Epoch, Fit
from stagekit.train.history import Row, history_figure, write_history
from stagekit.train.params import TRAIN, TrainParams

HISTORY = "history.csv"
CURVES = "curves.png"


def architecture_of(params: TrainParams, input_size: int) -> Architecture:
    """Give the architecture that parameters describe, for pictures of this size."""
    return Architecture(params.encoder, input_size, tuple(params.decoder_filters))


def write_model(folder: Path, fit: Fit, architecture: Architecture, params: TrainParams) -> None:
    """Write weights and signature, and how they came about: parameters, history, validation scores."""
    save_weights(folder / WEIGHTS, fit.tensors)
    write_signature(folder, Signature(architecture, tensors_digest(fit.tensors)))
    write_json(
        folder / TRAINING,
        {
            "parameters": params.model_dump(mode="json"),
            "encoder_start": "pretrained" if fit.pretrained else "seeded",
            "best_epoch": fit.best.number,
            "epochs": len(fit.history),
            "validation": epoch_record(fit.best),
        },
    )
    write_history(folder / HISTORY, history_rows(fit))


def write_outcome(out: Path, fit: Fit, architecture: Architecture, params: TrainParams) -> None:
    """Write `model/`, `history.csv` and `curves.png`."""
    write_model(out / "model", fit, architecture, params)
    write_history(out / HISTORY, history_rows(fit))
    save(history_figure(history_rows(fit)), out / CURVES)


def read_training(folder: Path) -> tuple[TrainParams, float]:
    """Read from a model folder the parameters it was trained with and its validation mean IoU."""
    record = read_record(folder / TRAINING)
    try:
        params = migrate(TRAIN, record["parameters"], str(folder / TRAINING))
        return params, float(record["validation"]["mean_iou"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StageError(f"{folder / TRAINING}: not a training record ({error})") from error


def history_rows(fit: Fit) -> list[Row]:
    """Give one row an epoch, as `history.COLUMNS` names them."""
    return [
        {
            "epoch": epoch.number,
            "learning_rate": epoch.learning_rate,
            "training_loss": epoch.training_loss,
            "validation_loss": epoch.validation_loss,
            "validation_mean_iou": epoch.validation.mean_iou,
            **{
                f"validation_iou_{name}": value
                for name, value in zip(CLASSES, epoch.validation.iou, strict=True)
            },
            "best": int(epoch is fit.best),
        }
        for epoch in fit.history
    ]


def epoch_record(epoch: Epoch) -> dict[str, Any]:
    """Give the validation figures of an epoch for JSON."""
    return {"loss": epoch.validation_loss, **epoch.validation.as_record(CLASSES)}
