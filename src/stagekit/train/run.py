"""The stage train: checks, the fit of the baseline, its outcome."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from stagekit.canonical import write_json
from stagekit.dataset import Dataset, load_dataset
from stagekit.samples import CLASSES
from stagekit.train.checks import check_data, check_model, require
from stagekit.train.fit import Epoch, Trainer
from stagekit.train.outcome import architecture_of, epoch_record, write_outcome
from stagekit.train.params import TrainParams

PRETRAINED = "mobilenet_v2.safetensors"


def train(split: Path, weights: Path, out: Path, params: TrainParams) -> None:
    """Train on `split/training`, choose the epoch on `split/validation`, write everything to `out`.

    `weights` is the folder of the weights input. Raises `StageError` when a check before training fails.
    """
    training, validation = load_dataset(split / "training"), load_dataset(split / "validation")
    checks = check_data({"training": training, "validation": validation}, split)
    require(checks)
    architecture = architecture_of(params, training.size)
    trainer = Trainer(architecture, params, weights / PRETRAINED)
    checks += check_model(trainer, training, params.batch_size, params.hyperparameters.learning_rate)
    write_json(out / "checks.json", [asdict(check) for check in checks])
    require(checks)
    fit = trainer.fit(training, validation, params, print_epoch)
    write_outcome(out, fit, architecture, params)
    write_json(
        out / "metrics.json",
        {
            "validation": epoch_record(fit.best),
            "best_epoch": fit.best.number,
            "epochs": len(fit.history),
            "samples": {"training": len(training), "validation": len(validation)},
            "class_shares": class_shares(training),
        },
    )


def class_shares(data: Dataset) -> dict[str, float]:
    """Give the share of each class among all pixels of a split."""
    counts = np.bincount(data.masks.reshape(-1), minlength=len(CLASSES))
    return {name: int(count) / data.masks.size for name, count in zip(CLASSES, counts, strict=True)}


def print_epoch(epoch: Epoch) -> None:
    """Tell the log how training goes."""
    print(  # noqa: T201 - the stage's log is its interface
        f"epoch {epoch.number}: loss {epoch.training_loss:.4f}, "
        f"validation loss {epoch.validation_loss:.4f}, mean IoU {epoch.validation.mean_iou:.4f}",
        flush=True,
    )
