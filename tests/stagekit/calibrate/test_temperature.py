from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stagekit.calibrate.calibration import Calibration
from stagekit.calibrate.temperature import fit_temperature
from stagekit.metrics.confidence import confidence_scores, softmax

Honest = Callable[..., tuple[Any, Any]]


def test_honest_logits_need_no_temperature(honest: Honest) -> None:
    logits, truth = honest(20_000)
    assert fit_temperature(logits, truth) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("factor", [0.3, 2.0, 5.0])
def test_the_factor_that_spoilt_honest_logits_is_found(honest: Honest, factor: float) -> None:
    logits, truth = honest(20_000)
    assert fit_temperature(logits * factor, truth) == pytest.approx(factor, rel=0.03)


@given(seed=st.integers(0, 1000), factor=st.floats(0.2, 8.0))
@settings(max_examples=25, deadline=None)
def test_the_likelihood_never_gets_worse(honest: Honest, seed: int, factor: float) -> None:
    logits, truth = honest(200, seed=seed)
    fitted = Calibration("temperature", fit_temperature(logits * factor, truth))
    before = confidence_scores(softmax(logits * factor), truth, 10).nll
    assert confidence_scores(fitted.probabilities(logits * factor), truth, 10).nll <= before + 1e-9


def test_over_confident_logits_get_a_smaller_calibration_error(honest: Honest) -> None:
    logits, truth = honest(5_000)
    fitted = Calibration("temperature", fit_temperature(logits * 4, truth))
    before = confidence_scores(softmax(logits * 4), truth, 10).ece
    assert confidence_scores(fitted.probabilities(logits * 4), truth, 10).ece < before / 4


def test_no_prediction_changes(honest: Honest) -> None:
    logits, _ = honest(500)
    calibrated = Calibration("temperature", 3.7).probabilities(logits)
    assert (calibrated.argmax(axis=-1) == logits.argmax(axis=-1)).all()


@pytest.mark.parametrize("truth", [0, 1])
def test_answers_that_are_always_right_or_wrong_give_a_bounded_temperature(truth: int) -> None:
    logits = np.tile(np.array([5.0, 0.0, 0.0]), (50, 1))
    assert 0.04 < fit_temperature(logits, np.full(50, truth)) < 25


def test_logits_that_say_nothing_leave_the_temperature_alone() -> None:
    assert fit_temperature(np.zeros((10, 3)), np.zeros(10)) == 1.0
