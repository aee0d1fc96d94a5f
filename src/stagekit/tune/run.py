"""The stage tune: search, the final fit with the best parameters, and which of the two models to keep."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.canonical import write_csv, write_json
from stagekit.dataset import Dataset, load_dataset
from stagekit.model.bundle import carry
from stagekit.train.batches import order
from stagekit.train.fit import Epoch, Trainer
from stagekit.train.outcome import CURVES, HISTORY, architecture_of, read_training, write_outcome
from stagekit.train.params import Hyperparameters, TrainParams
from stagekit.train.run import print_epoch
from stagekit.tune.choice import choose
from stagekit.tune.importance import draw_importance, importances
from stagekit.tune.params import TuneParams
from stagekit.tune.progress import draw_progress
from stagekit.tune.range_test import climb, suggestion, write_climb
from stagekit.tune.search import Report, Trial, best_of, epochs_of, search
from stagekit.tune.space import trial_params, with_rate


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
    trainer = Trainer(architecture_of(baseline, training.size), baseline, sources.weights)
    sample = part(training, params)

    def objective(chosen: Hyperparameters, report: Report) -> None:
        trial = trial_params(baseline, chosen, params)
        trainer.fit(sample, validation, trial, _telling(report))

    known, suggested = _test_range(trainer, sample, baseline, out, params)
    trials = search(objective, baseline.hyperparameters, params, known)
    write_trials(out / "trials.csv", trials)
    write_trial_epochs(out / "trial_epochs.csv", trials)
    draw_importance(out / "importance.png", trials, params.space)
    draw_progress(out / "optimisation.png", trials)
    best = best_of(trials)
    final = _final_params(baseline, best)
    fit = trainer.fit(training, validation, final, print_epoch) if best.number else None
    score = None if fit is None else fit.best.validation.mean_iou
    choice = choose(best, score, baseline_score)
    if fit is not None and choice.search:
        write_outcome(out, fit, architecture_of(final, training.size), final)
    else:
        _keep_baseline(sources.train, out)
    kept = final if choice.search else baseline
    write_json(
        out / "best.json",
        {
            "source": "search" if choice.search else "baseline",
            "reason": choice.reason,
            "parameters": kept.hyperparameters.model_dump(mode="json"),
            "validation_mean_iou": {"baseline": baseline_score, "final_fit": score},
            "best_trial": best.number,
            **_search_record(trials, params),
            **({} if suggested is None else {"range_test": {"suggested": suggested}}),
        },
    )


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


def _telling(report: Report) -> Callable[[Epoch], None]:
    def on_epoch(epoch: Epoch) -> None:
        print_epoch(epoch)
        report(epoch.number, epoch.validation.mean_iou)

    return on_epoch


def _test_range(
    trainer: Trainer, sample: Dataset, baseline: TrainParams, out: Path, params: TuneParams
) -> tuple[tuple[Hyperparameters, ...], float | None]:
    """Give the points that the range test, if asked for, adds to the search, and the rate it suggests."""
    if params.range_test is None:
        return (), None
    steps = climb(trainer, sample, baseline, params.range_test)
    suggested = suggestion(steps)
    write_climb(out, steps, suggested)
    point = with_rate(params.space, baseline.hyperparameters, suggested)
    return () if point is None else (point,), suggested


def _final_params(baseline: TrainParams, best: Trial) -> TrainParams:
    final: TrainParams = baseline.model_copy(
        update={"hyperparameters": best.parameters, "members": 0, "importance": None}
    )
    return final


def _keep_baseline(train: Path, out: Path) -> None:
    carry(train / "model", out / "model")
    for name in (HISTORY, CURVES):
        shutil.copyfile(train / name, out / name)


def _search_record(trials: tuple[Trial, ...], params: TuneParams) -> dict[str, Any]:
    spent = epochs_of(trials)
    return {
        "trials": len(trials),
        "pruned": sum(trial.pruned for trial in trials),
        "epochs": spent,
        "ended_by": "trials" if len(trials) == params.trials else "max_epochs",
        "rank_correlation": importances(trials, tuple(params.space.chosen())),
    }
