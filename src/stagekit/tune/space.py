"""Between Optuna's plain numbers and our parameters."""

from __future__ import annotations

from typing import Any

from stagekit.errors import StageError
from stagekit.train.params import Hyperparameters, TrainParams
from stagekit.tune.params import Space, TuneParams


def suggest(trial: Any, space: Space, baseline: Hyperparameters) -> Hyperparameters:
    """Ask an Optuna trial for every searched hyper-parameter; the others keep the baseline's value."""
    values = baseline.model_dump()
    for name, bounds in space.chosen().items():
        values[name] = trial.suggest_float(name, bounds.low, bounds.high, log=bounds.log)
    suggested: Hyperparameters = Hyperparameters.model_validate(values)
    return suggested


def with_rate(space: Space, baseline: Hyperparameters, rate: float) -> Hyperparameters | None:
    """Give the baseline with the rate of the space nearest to `rate`; None where it is not searched."""
    bounds = space.learning_rate
    if bounds is None:
        return None
    moved: Hyperparameters = baseline.model_copy(
        update={"learning_rate": min(max(rate, bounds.low), bounds.high)}
    )
    return moved


def point_of(space: Space, baseline: Hyperparameters) -> dict[str, float]:
    """Give the baseline, or what was made from it, as a point of the space.

    Raises `StageError` when it lies outside: a search that cannot contain what it must beat means nothing.
    """
    point = {}
    for name, bounds in space.chosen().items():
        value = float(getattr(baseline, name))
        if not bounds.low <= value <= bounds.high:
            raise StageError(
                f"tune.space.{name} is {bounds.low:g} to {bounds.high:g}, and the baseline "
                f"(train.hyperparameters.{name}) is {value:g}; widen the range"
            )
        point[name] = value
    return point


def trial_params(baseline: TrainParams, chosen: Hyperparameters, params: TuneParams) -> TrainParams:
    """Give the training of one trial: shorter, never stopped early, otherwise the baseline's."""
    short: TrainParams = baseline.model_copy(
        update={
            "hyperparameters": chosen,
            "epochs": params.trial_epochs,
            "patience": params.trial_epochs,
            "warmup_epochs": min(baseline.warmup_epochs, params.trial_epochs / 4),
        }
    )
    return short
