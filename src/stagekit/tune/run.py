"""The stage tune: search, the final fit with the best parameters, and which of the two models to keep."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from stagekit.canonical import write_csv, write_json
from stagekit.dataset import Dataset, load_dataset
from stagekit.model.bundle import carry
from stagekit.train.batches import order
from stagekit.train.fit import Epoch, Fit, Trainer
from stagekit.train.outcome import CURVES, HISTORY, architecture_of, read_training, write_outcome
from stagekit.train.params import Hyperparameters, TrainParams
from stagekit.train.run import PRETRAINED, print_epoch
from stagekit.tune.importance import draw_importance, importances
from stagekit.tune.params import TuneParams
from stagekit.tune.search import Report, Trial, best_of, search
from stagekit.tune.space import trial_params


@dataclass(frozen=True, slots=True)
class Sources:
    """The input folders of the stage."""

    split: Path
    train: Path
    weights: Path


def tune(sources: Sources, out: Path, params: TuneParams) -> None:
    """Search from train's parameters, and leave the better model of the two in `out/model`."""
    baseline, baseline_score = read_training(sources.train / "model")
    training, validation = (
        load_dataset(sources.split / "training"),
        load_dataset(sources.split / "validation"),
    )
    trainer = Trainer(architecture_of(baseline, training.size), baseline, sources.weights / PRETRAINED)
    sample = part(training, params)

    def objective(chosen: Hyperparameters, report: Report) -> None:
        def on_epoch(epoch: Epoch) -> None:
            print_epoch(epoch)
            report(epoch.number, epoch.validation.mean_iou)

        trainer.fit(sample, validation, trial_params(baseline, chosen, params), on_epoch)

    trials = search(objective, baseline.hyperparameters, params)
    write_trials(out / "trials.csv", trials)
    write_trial_epochs(out / "trial_epochs.csv", trials)
    draw_importance(out / "importance.png", trials, params.space)
    best = best_of(trials)
    final = _final_params(baseline, best)
    fit = trainer.fit(training, validation, final, print_epoch) if best.number else None
    if fit is not None and fit.best.validation.mean_iou > baseline_score:
        write_outcome(out, fit, architecture_of(final, training.size), final)
    else:
        _keep_baseline(sources.train, out)
    _write_best(out / "best.json", trials, fit, baseline, baseline_score, params)


def part(training: Dataset, params: TuneParams) -> Dataset:
    """Give the share of the training samples that trials see, chosen by a hash of seed and id."""
    count = max(1, round(len(training) * params.trial_share))
    return training.take(sorted(order(training.ids, f"{params.seed}/trials")[:count]))


def write_trials(path: Path, trials: tuple[Trial, ...]) -> None:
    """Write one row a trial, in the order in which they ran."""
    names = tuple(Hyperparameters.model_fields)
    write_csv(
        path,
        ("trial", "state", "validation_mean_iou", "epochs", *names),
        [
            (
                trial.number,
                "pruned" if trial.pruned else "complete",
                trial.score,
                len(trial.scores),
                *(getattr(trial.parameters, name) for name in names),
            )
            for trial in trials
        ],
    )


def write_trial_epochs(path: Path, trials: tuple[Trial, ...]) -> None:
    """Write one row an epoch of each trial: the scores that pruning went by."""
    write_csv(
        path,
        ("trial", "epoch", "validation_mean_iou"),
        [(trial.number, epoch, score) for trial in trials for epoch, score in enumerate(trial.scores, 1)],
    )


def _final_params(baseline: TrainParams, best: Trial) -> TrainParams:
    final: TrainParams = baseline.model_copy(update={"hyperparameters": best.parameters})
    return final


def _keep_baseline(train: Path, out: Path) -> None:
    carry(train / "model", out / "model")
    for name in (HISTORY, CURVES):
        shutil.copyfile(train / name, out / name)


def _write_best(
    path: Path,
    trials: tuple[Trial, ...],
    fit: Fit | None,
    baseline: TrainParams,
    baseline_score: float,
    params: TuneParams,
) -> None:
    best = best_of(trials)
    score = None if fit is None else fit.best.validation.mean_iou
    won = score is not None and score > baseline_score
    if score is None:
        reason = f"no trial beat the baseline's {best.score:.4f}; the baseline's model is kept"
    elif won:
        reason = (
            f"trial {best.number} won; its final fit scores {score:.4f}, the baseline {baseline_score:.4f}"
        )
    else:
        reason = (
            f"trial {best.number} won, but its final fit scores {score:.4f} and not more than the baseline "
            f"({baseline_score:.4f}); the baseline's model is kept"
        )
    write_json(
        path,
        {
            "source": "search" if won else "baseline",
            "reason": reason,
            "best_trial": best.number,
            "trials": len(trials),
            "pruned": sum(trial.pruned for trial in trials),
            "parameters": (best.parameters if won else baseline.hyperparameters).model_dump(mode="json"),
            "validation_mean_iou": {"baseline": baseline_score, "final_fit": score},
            "rank_correlation": importances(trials, tuple(params.space.chosen())),
        },
    )
