"""The stage train: checks, the fit of the baseline, its outcome; if asked, importance and members as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from stagekit.canonical import write_json
from stagekit.dataset import Dataset, load_dataset
from stagekit.model.encoders import encoder_of
from stagekit.samples import CLASSES
from stagekit.train.checks import Check, check_data, check_model, require
from stagekit.train.fit import Epoch, Fit, Trainer
from stagekit.train.importance import IMPORTANCE, Scoring, write_importance
from stagekit.train.outcome import architecture_of, epoch_record, write_model, write_outcome
from stagekit.train.params import TrainParams

MEMBERS = "members"


def train(split: Path, weights: Path, out: Path, params: TrainParams) -> None:
    """Train on `split/training`, choose the epoch on `split/validation`, write everything to `out`.

    `weights` is the folder of the weights input. Raises `StageError` when a check before training fails;
    `checks.json` then tells all that were made.
    """
    training, validation = load_dataset(split / "training"), load_dataset(split / "validation")
    checks = check_data({"training": training, "validation": validation}, split)
    _record(out, checks)
    architecture = architecture_of(params, training.size)
    trainer = Trainer(architecture, params, weights)
    print_start(trainer, params)
    checks += check_model(trainer, training, params)
    _record(out, checks)
    scoring = Scoring(trainer.predict, training, params.importance.epochs if params.importance else ())
    fits = {
        member.seed: trainer.fit(training, validation, member, _watch(scoring))
        for member in (params, *members_of(params))
    }
    fit = fits.pop(params.seed)
    write_outcome(out, fit, architecture, params)
    for member in members_of(params):
        write_model(out / MEMBERS / str(member.seed), fits[member.seed], architecture, member)
    if params.importance:
        write_importance(out / IMPORTANCE, training.ids, scoring.mean())
    write_json(out / "metrics.json", _metrics(fit, training, validation, fits))


def members_of(params: TrainParams) -> list[TrainParams]:
    """Give the parameters of the members: the same with the next seeds, and nothing beside the fit."""
    return [
        params.model_copy(update={"seed": params.seed + number, "members": 0, "importance": None})
        for number in range(1, params.members + 1)
    ]


def class_shares(data: Dataset) -> dict[str, float]:
    """Give the share of each class among all pixels of a split."""
    counts = np.bincount(data.masks.reshape(-1), minlength=len(CLASSES))
    return {name: int(count) / data.masks.size for name, count in zip(CLASSES, counts, strict=True)}


def print_start(trainer: Trainer, params: TrainParams) -> None:
    """Tell the log what the encoder starts from."""
    file = encoder_of(params.encoder).weights_file
    start = file if trainer.pretrained else f"seeded random numbers: {_why_seeded(params, file)}"
    print(f"encoder {params.encoder} starts from {start}", flush=True)  # noqa: T201 - the stage's log


def print_epoch(epoch: Epoch) -> None:
    """Tell the log how training goes."""
    print(  # noqa: T201 - the stage's log is its interface
        f"epoch {epoch.number}: loss {epoch.training_loss:.4f}, "
        f"validation loss {epoch.validation_loss:.4f}, mean IoU {epoch.validation.mean_iou:.4f}",
        flush=True,
    )


def _why_seeded(params: TrainParams, file: str) -> str:
    return (
        "train.encoder_weights=seeded" if params.encoder_weights == "seeded" else f"weights holds no {file}"
    )


def _record(out: Path, checks: list[Check]) -> None:
    """Write what was checked so far, and stop where a check failed."""
    write_json(out / "checks.json", [asdict(check) for check in checks])
    require(checks)


def _watch(scoring: Scoring) -> Callable[[Epoch], None]:
    def on_epoch(epoch: Epoch) -> None:
        print_epoch(epoch)
        scoring.after(epoch.number)

    return on_epoch


def _metrics(fit: Fit, training: Dataset, validation: Dataset, members: dict[int, Fit]) -> dict[str, Any]:
    record = {
        "validation": epoch_record(fit.best),
        "best_epoch": fit.best.number,
        "epochs": len(fit.history),
        "encoder_start": "pretrained" if fit.pretrained else "seeded",
        "samples": {"training": len(training), "validation": len(validation)},
        "class_shares": class_shares(training),
    }
    if members:
        record["members"] = {
            str(seed): {"mean_iou": member.best.validation.mean_iou, "best_epoch": member.best.number}
            for seed, member in members.items()
        }
    return record
