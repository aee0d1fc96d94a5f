from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stagekit.calibrate.calibration import Calibration
from stagekit.calibrate.vector import fit_vector
from stagekit.metrics.confidence import confidence_scores, softmax

Honest = Callable[..., tuple[Any, Any]]


def fitted(logits: Any, truth: Any) -> Calibration:
    scale, bias = fit_vector(logits, truth)
    return Calibration("vector", scale=scale, bias=bias)


def test_what_spoilt_honest_logits_class_by_class_is_undone(honest: Honest) -> None:
    logits, truth = honest(20_000)
    scale, bias = np.array([0.5, 2.0, 1.25]), np.array([1.0, -0.5, 0.0])
    found = fitted((logits - bias) / scale, truth)
    assert found.scale == pytest.approx(scale.tolist(), rel=0.05)
    moved = np.array(found.bias) - np.mean(found.bias)
    assert moved == pytest.approx(bias - bias.mean(), abs=0.05)


def test_a_class_that_is_always_too_sure_is_mended_where_a_temperature_cannot(honest: Honest) -> None:
    logits, truth = honest(5_000)
    spoilt = logits + np.array([1.5, 0.0, 0.0])
    before = confidence_scores(softmax(spoilt), truth, 10).classwise_ece
    assert (
        confidence_scores(fitted(spoilt, truth).probabilities(spoilt), truth, 10).classwise_ece < before / 4
    )


def test_rows_of_probabilities_sum_to_one(honest: Honest) -> None:
    logits, truth = honest(300)
    assert fitted(logits, truth).probabilities(logits).sum(axis=-1) == pytest.approx(1.0)


def test_fitting_again_gives_the_same_numbers(honest: Honest) -> None:
    logits, truth = honest(400)
    assert fit_vector(logits * 3, truth) == fit_vector(logits * 3, truth)


@pytest.mark.parametrize("label", [0, 1])
def test_answers_that_are_always_right_or_wrong_give_finite_numbers(label: int) -> None:
    logits = np.tile(np.array([5.0, 0.0, 0.0]), (50, 1))
    found = fitted(logits, np.full(50, label))
    assert np.isfinite([*found.scale, *found.bias]).all()
    right = found.probabilities(logits)[:, label]
    assert (right > 0.9).all()


def test_logits_that_say_nothing_learn_how_frequent_the_classes_are() -> None:
    truth = np.repeat([0, 1, 2], [60, 30, 10])
    logits = np.zeros((100, 3))
    assert fitted(logits, truth).probabilities(logits)[0] == pytest.approx([0.6, 0.3, 0.1], abs=0.01)
