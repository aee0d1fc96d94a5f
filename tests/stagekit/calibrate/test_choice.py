from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stagekit.calibrate.choose import (
    Held,
    chosen_method,
    cross_validate,
    fit,
    held_out,
    lattice,
)
from stagekit.errors import StageError
from stagekit.metrics.folds import fold_numbers

Honest = Callable[..., tuple[Any, Any]]
IDS = tuple(f"photo_{number}" for number in range(10))


def choose(logits: Any, truth: Any) -> str:
    return chosen_method("auto", cross_validate(logits, truth, fold_numbers(IDS, 5, 1)), 0.05)


def test_honest_logits_are_left_alone(honest: Honest) -> None:
    assert choose(*honest(10, 30, 30)) == "none"


def test_one_factor_for_all_asks_for_a_temperature(honest: Honest) -> None:
    logits, truth = honest(10, 60, 60)
    assert choose(logits * 3, truth) == "temperature"


def test_a_bias_of_one_class_asks_for_a_vector(honest: Honest) -> None:
    logits, truth = honest(10, 30, 30)
    assert choose(logits * np.array([2.0, 1.0, 1.0]) + np.array([2.0, 0.0, 0.0]), truth) == "vector"


def test_what_no_scale_can_mend_asks_for_curves(honest: Honest) -> None:
    logits, truth = honest(10, 60, 60, spread=1.0)
    assert choose(np.sign(logits) * np.abs(logits) ** 3 * 4, truth) == "isotonic"


def test_a_named_family_is_taken_whatever_the_others_score(honest: Honest) -> None:
    held = cross_validate(*honest(10, 9, 9), fold_numbers(IDS, 5, 1))
    assert chosen_method("vector", held, 0.0) == "vector"


def test_of_equals_the_simpler_is_taken() -> None:
    held = tuple(Held(method, np.array([0.5, 0.5]), 0.7) for method in ("isotonic", "vector", "none"))
    assert chosen_method("auto", held, 0.0) == "none"


@pytest.mark.parametrize(("may_lose", "chosen"), [(0.01, "none"), (0.03, "vector"), (0.1, "isotonic")])
def test_confidence_is_not_bought_with_answers(may_lose: float, chosen: str) -> None:
    scored = {"none": (0.5, 0.72), "vector": (0.4, 0.70), "isotonic": (0.3, 0.65)}
    held = tuple(Held(method, np.array([nll, nll]), iou) for method, (nll, iou) in scored.items())
    assert chosen_method("auto", held, may_lose) == chosen


def test_one_photo_leaves_nothing_to_choose_by() -> None:
    with pytest.raises(StageError, match=r"add photos, or set calibrate\.method=temperature"):
        chosen_method("auto", (), 0.0)


def test_no_photo_is_scored_by_a_fit_that_saw_it(honest: Honest) -> None:
    logits, truth = honest(10, 9, 9)
    numbers = fold_numbers(IDS, 5, 1)
    answers = held_out("isotonic", logits, truth, numbers)
    changed = truth.copy()
    changed[3] = (changed[3] + 1) % 3
    again = held_out("isotonic", logits, changed, numbers)
    same_fold = numbers == numbers[3]
    assert (answers[same_fold] == again[same_fold]).all()
    assert (answers[~same_fold] != again[~same_fold]).any()


def test_fits_see_every_third_row_and_column(honest: Honest) -> None:
    logits, truth = honest(2, 7, 7)
    assert lattice(truth).shape == (2, 3, 3)
    assert fit("temperature", lattice(logits), lattice(truth)).temperature != 1.0
