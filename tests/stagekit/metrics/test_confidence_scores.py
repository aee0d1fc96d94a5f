from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stagekit.metrics.confidence import class_reliability, confidence_scores, reliability, softmax

# Four pixels: sure and right, sure and wrong, unsure and right, unsure and right.
PROBABILITIES = np.array([[0.9, 0.05, 0.05], [0.9, 0.05, 0.05], [0.2, 0.6, 0.2], [0.2, 0.6, 0.2]])
TRUTH = np.array([0, 1, 1, 1])


def test_bins_hold_counts_mean_confidence_and_accuracy() -> None:
    diagram = reliability(PROBABILITIES, TRUTH, 2)
    assert diagram.count == (0, 4)
    assert diagram.confidence[1] == pytest.approx(0.75)
    assert diagram.accuracy == (0.0, 0.75)
    assert diagram.error == pytest.approx(0.0)


def test_finer_bins_see_what_coarse_ones_average_away() -> None:
    diagram = reliability(PROBABILITIES, TRUTH, 10)
    assert diagram.count[8] == diagram.count[5] == 2
    assert diagram.error == pytest.approx(0.5 * abs(0.9 - 0.5) + 0.5 * abs(0.6 - 1.0))


def test_brier_and_likelihood_are_those_computed_by_hand() -> None:
    found = confidence_scores(PROBABILITIES, TRUTH, 10)
    first, second = 0.1**2 + 2 * 0.05**2, 0.9**2 + 0.95**2 + 0.05**2
    third = 0.4**2 + 2 * 0.2**2
    assert found.brier == pytest.approx((first + second + 2 * third) / 4)
    assert found.nll == pytest.approx(-(math.log(0.9) + math.log(0.05) + 2 * math.log(0.6)) / 4)


def test_classwise_error_is_the_mean_over_classes() -> None:
    found = confidence_scores(PROBABILITIES, TRUTH, 10)
    pet = 0.5 * abs(0.9 - 0.5) + 0.5 * 0.2
    background = 0.5 * abs(0.05 - 0.5) + 0.5 * abs(0.6 - 1.0)
    border = 0.5 * 0.05 + 0.5 * 0.2
    assert found.classwise_ece == pytest.approx((pet + background + border) / 3)


def test_the_mean_of_the_classes_own_diagrams_is_the_classwise_error() -> None:
    errors = [class_reliability(PROBABILITIES, TRUTH, value, 10).error for value in range(3)]
    assert sum(errors) / 3 == confidence_scores(PROBABILITIES, TRUTH, 10).classwise_ece


def test_a_certain_and_right_answer_has_no_error_at_all() -> None:
    found = confidence_scores(np.eye(3)[[0, 1, 2]], np.array([0, 1, 2]), 15)
    assert (found.ece, found.classwise_ece, found.brier, found.nll) == (0.0, 0.0, 0.0, 0.0)


def test_a_certain_and_wrong_answer_costs_much_and_stays_finite() -> None:
    assert 100 < confidence_scores(np.eye(3)[[0]], np.array([1]), 15).nll < math.inf


@given(arrays(np.float32, (5, 3), elements=st.floats(-1e4, 1e4, width=32)))
def test_softmax_rows_sum_to_one_and_keep_the_order(logits: np.ndarray) -> None:
    probabilities = softmax(logits)
    assert np.allclose(probabilities.sum(axis=-1), 1.0, atol=1e-12)
    best = np.take_along_axis(probabilities, logits.argmax(axis=-1)[:, None], axis=-1)[:, 0]
    assert (best == probabilities.max(axis=-1)).all()
