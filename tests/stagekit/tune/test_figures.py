from __future__ import annotations

from pathlib import Path

from stagekit.train.params import Hyperparameters
from stagekit.tune.importance import draw_importance
from stagekit.tune.params import Range, Space
from stagekit.tune.progress import draw_progress
from stagekit.tune.range_test import Step, suggestion, write_climb
from stagekit.tune.search import Trial

SPACE = Space(learning_rate=Range(low=0.001, high=0.01, log=True), dice_weight=Range(low=0.0, high=2.0))
TRIALS = tuple(
    Trial(
        number,
        number == 2,
        Hyperparameters(
            learning_rate=0.001 * (number + 1),
            encoder_rate=0.2,
            dice_weight=0.3 * number,
            border_weight=1.0,
            augmentation_strength=1.0,
        ),
        (0.4, 0.5 + 0.02 * number),
    )
    for number in range(4)
)
CLIMB = tuple(
    Step(10.0 ** (number / 5 - 5), 1.1, 1.2 - 0.1 * number if number < 10 else number / 10)
    for number in range(20)
)


def test_figures_and_tables_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    drawn = []
    for name in ("a", "b"):
        draw_importance(tmp_path / name / "importance.png", TRIALS, SPACE)
        draw_progress(tmp_path / name / "optimisation.png", TRIALS)
        write_climb(tmp_path / name, CLIMB, 0.0006)
        drawn.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {"importance.png", "optimisation.png", "range_test.csv", "range_test.png"}


def test_the_suggestion_is_a_third_of_the_rate_with_the_lowest_smoothed_loss() -> None:
    assert CLIMB[9].rate == 10.0**-3.2
    assert suggestion(CLIMB) == 2.1e-4


def test_one_trial_makes_figures_too(tmp_path: Path) -> None:
    draw_progress(tmp_path / "optimisation.png", TRIALS[:1])
    draw_importance(tmp_path / "importance.png", TRIALS[:1], SPACE)
    assert (tmp_path / "optimisation.png").stat().st_size > 1000
