"""The search itself: a seeded Optuna study that lives and dies in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import optuna

from stagekit.train.params import Hyperparameters
from stagekit.tune.params import TuneParams
from stagekit.tune.space import point_of, suggest

Report = Callable[[int, float], None]
"""Called with (epoch, mean IoU) after each epoch of a trial; raises to prune it."""
Objective = Callable[[Hyperparameters, Report], None]
"""Trains one trial; its score is the best of what it reports."""

RANDOM_TRIALS = 8
"""The first trials are random points; only then does the sampler model what was good."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial. `scores` are its mean IoU on validation after each epoch; a pruned one has fewer of them."""

    number: int
    pruned: bool
    parameters: Hyperparameters
    scores: tuple[float, ...]

    @property
    def score(self) -> float:
        """The best of its epochs."""
        return max(self.scores)


def search(
    objective: Objective,
    baseline: Hyperparameters,
    params: TuneParams,
    known: Sequence[Hyperparameters] = (),
) -> tuple[Trial, ...]:
    """Run trials, one after the other, until their number or their epochs are spent.

    The first one is the baseline; the points in `known` come next, before the sampler's own.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=params.seed, n_startup_trials=RANDOM_TRIALS),
        pruner=optuna.pruners.MedianPruner(
            n_startup_trials=params.pruning.startup_trials, n_warmup_steps=params.pruning.warmup_epochs
        ),
    )
    for point in (baseline, *known):
        study.enqueue_trial(point_of(params.space, point))
    trials: list[Trial] = []

    def run(optuna_trial: optuna.Trial) -> float:
        parameters = suggest(optuna_trial, params.space, baseline)
        scores: list[float] = []

        def report(epoch: int, score: float) -> None:
            scores.append(score)
            optuna_trial.report(score, epoch)
            if epoch < params.trial_epochs and optuna_trial.should_prune():
                raise optuna.TrialPruned

        try:
            objective(parameters, report)
        except optuna.TrialPruned:
            trials.append(Trial(optuna_trial.number, True, parameters, tuple(scores)))
            raise
        trials.append(Trial(optuna_trial.number, False, parameters, tuple(scores)))
        return max(scores)

    def stop_when_spent(study: optuna.Study, _trial: optuna.trial.FrozenTrial) -> None:
        if epochs_of(trials) + params.trial_epochs > params.max_epochs:
            study.stop()

    study.optimize(run, n_trials=params.trials, callbacks=[stop_when_spent])
    return tuple(trials)


def epochs_of(trials: Sequence[Trial]) -> int:
    """Count the epochs that trials took."""
    return sum(len(trial.scores) for trial in trials)


def best_of(trials: tuple[Trial, ...]) -> Trial:
    """Give the complete trial with the highest score; of equals the earlier, so ties keep the baseline."""
    return max(
        (trial for trial in trials if not trial.pruned), key=lambda trial: (trial.score, -trial.number)
    )
