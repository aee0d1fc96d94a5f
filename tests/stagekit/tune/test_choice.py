from __future__ import annotations

import pytest

from stagekit.train.params import Hyperparameters
from stagekit.tune.choice import choose
from stagekit.tune.progress import best_so_far
from stagekit.tune.search import Trial

POINT = Hyperparameters(
    learning_rate=0.002, encoder_rate=0.2, dice_weight=1.0, border_weight=1.0, augmentation_strength=1.0
)


def trial(number: int, *scores: float, pruned: bool = False) -> Trial:
    return Trial(number, pruned, POINT, scores)


@pytest.mark.parametrize(
    ("final", "search", "reason"),
    [
        (None, False, "no trial beat the baseline's 0.6000; the baseline's model is kept"),
        (0.71, True, "trial 2 won; its final fit scores 0.7100, the baseline 0.7000"),
        (0.70, False, "trial 2 won, but its final fit scores 0.7000 and not more"),
        (0.65, False, "not more than the baseline (0.7000); the baseline's model is kept"),
    ],
)
def test_the_baseline_is_kept_unless_a_whole_fit_beats_it(
    final: float | None, search: bool, reason: str
) -> None:
    best = trial(0 if final is None else 2, 0.6)
    choice = choose(best, final, 0.7)
    assert choice.search is search
    assert reason in choice.reason


def test_the_best_so_far_rises_and_pruned_trials_do_not_count() -> None:
    trials = (trial(0, 0.5), trial(1, 0.9, pruned=True), trial(2, 0.4, 0.6), trial(3, 0.55))
    assert best_so_far(trials) == [0.5, 0.5, 0.6, 0.6]
