from __future__ import annotations

import math

import pytest

from stagekit.errors import StageError
from stagekit.train.params import Hyperparameters
from stagekit.tune.importance import importances, rank_correlation
from stagekit.tune.params import Pruning, Range, Space, TuneParams
from stagekit.tune.search import Report, Trial, best_of, epochs_of, search
from stagekit.tune.space import with_rate

BASELINE = Hyperparameters(
    learning_rate=0.002,
    encoder_rate=0.2,
    dice_weight=1.0,
    border_weight=1.0,
    augmentation_strength=1.0,
)
PARAMS = TuneParams(
    v=2,
    seed=5,
    trials=6,
    trial_epochs=3,
    max_epochs=18,
    trial_share=1.0,
    pruning=Pruning(startup_trials=2, warmup_epochs=1),
    space=Space(learning_rate=Range(low=0.0005, high=0.01, log=True), dice_weight=Range(low=0.0, high=2.0)),
)


def better_near(target: float) -> object:
    """An objective whose score is the better, the nearer the learning rate is to `target`."""

    def objective(chosen: Hyperparameters, report: Report) -> None:
        for epoch in (1, 2, 3):
            report(epoch, epoch / 10 - abs(math.log10(chosen.learning_rate / target)))

    return objective


def run(target: float = 0.006, params: TuneParams = PARAMS) -> tuple[Trial, ...]:
    return search(better_near(target), BASELINE, params)  # type: ignore[arg-type]  # an objective


def test_the_baseline_is_the_first_trial_and_runs_to_its_end() -> None:
    first = run()[0]
    assert first.parameters == BASELINE
    assert not first.pruned


def test_the_same_seed_gives_the_same_trials() -> None:
    assert run() == run()


def test_another_seed_tries_other_points() -> None:
    other = run(params=PARAMS.model_copy(update={"seed": 6}))
    assert other[1].parameters != run()[1].parameters
    assert other[0].parameters == run()[0].parameters


def test_trials_stay_in_the_space_and_keep_what_is_not_searched() -> None:
    for trial in run():
        assert 0.0005 <= trial.parameters.learning_rate <= 0.01
        assert trial.parameters.border_weight == BASELINE.border_weight


def test_trials_below_the_median_are_pruned_early() -> None:
    pruned = [trial for trial in run() if trial.pruned]
    assert pruned
    assert all(len(trial.scores) < PARAMS.trial_epochs for trial in pruned)


def test_the_best_trial_is_the_best_complete_one() -> None:
    trials = run()
    best = best_of(trials)
    assert best.score == max(trial.score for trial in trials if not trial.pruned)


def test_the_budget_of_epochs_ends_the_search_and_pruned_trials_leave_more_for_others() -> None:
    spent = run(params=PARAMS.model_copy(update={"max_epochs": 9}))
    assert spent == run()[: len(spent)]
    assert 9 - PARAMS.trial_epochs < epochs_of(spent) <= 9
    assert len(run(params=PARAMS.model_copy(update={"max_epochs": 3}))) == 1


def test_known_points_come_right_after_the_baseline() -> None:
    known = BASELINE.model_copy(update={"learning_rate": 0.006})
    trials = search(better_near(0.006), BASELINE, PARAMS, (known,))  # type: ignore[arg-type]  # an objective
    assert [trial.parameters for trial in trials[:2]] == [BASELINE, known]
    assert len(trials) == PARAMS.trials


def test_a_suggested_rate_becomes_the_nearest_point_of_the_space() -> None:
    space = PARAMS.space
    assert with_rate(space, BASELINE, 0.5) == BASELINE.model_copy(update={"learning_rate": 0.01})
    assert with_rate(space, BASELINE, 0.003) == BASELINE.model_copy(update={"learning_rate": 0.003})
    assert with_rate(Space(dice_weight=Range(low=0.0, high=2.0)), BASELINE, 0.003) is None


def test_a_tie_keeps_the_baseline() -> None:
    trials = tuple(Trial(number, False, BASELINE, (0.5, 0.5, 0.5)) for number in range(3))
    assert best_of(trials).number == 0


def test_a_fault_in_a_trial_comes_through() -> None:
    def broken(_chosen: Hyperparameters, _report: Report) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        search(broken, BASELINE, PARAMS)


def test_a_space_without_the_baseline_is_refused_with_the_key_to_change() -> None:
    outside = BASELINE.model_copy(update={"learning_rate": 0.05})
    with pytest.raises(StageError, match=r"tune\.space\.learning_rate is 0\.0005 to 0\.01.*is 0\.05; widen"):
        search(better_near(0.006), outside, PARAMS)  # type: ignore[arg-type]  # an objective


def test_rank_correlation_is_that_computed_by_hand() -> None:
    assert rank_correlation([1.0, 2.0, 3.0], [10.0, 20.0, 25.0]) == pytest.approx(1.0)
    assert rank_correlation([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]) == pytest.approx(-1.0)
    assert rank_correlation([1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0]) == pytest.approx(0.8)


def test_too_few_trials_or_no_spread_have_no_correlation() -> None:
    assert rank_correlation([1.0, 2.0], [1.0, 2.0]) is None
    assert rank_correlation([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) is None


def test_importances_count_complete_trials_only() -> None:
    complete = [
        Trial(number, False, BASELINE.model_copy(update={"dice_weight": value}), (value,))
        for number, value in enumerate((0.1, 0.2, 0.3))
    ]
    pruned = Trial(3, True, BASELINE.model_copy(update={"dice_weight": 9.0}), (0.0,))
    assert importances((*complete, pruned), ("dice_weight",)) == {"dice_weight": pytest.approx(1.0)}
