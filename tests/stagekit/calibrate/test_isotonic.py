from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stagekit.calibrate.calibration import Calibration
from stagekit.calibrate.isotonic import fit_curve, fit_isotonic, pool
from stagekit.metrics.confidence import confidence_scores, softmax

Honest = Callable[..., tuple[Any, Any]]
GROUPS = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 20)), min_size=1, max_size=12)


def test_pools_are_those_of_an_example_by_hand() -> None:
    ones = np.ones(5)
    pools = pool(ones, np.arange(5.0), np.array([0.1, 0.5, 0.3, 0.4, 0.9]))
    assert np.array(pools) == pytest.approx(np.array([(1.0, 0.0, 0.1), (3.0, 2.0, 0.4), (1.0, 4.0, 0.9)]))


@given(GROUPS)
def test_pools_rise_and_keep_every_hit(groups: list[tuple[int, int]]) -> None:
    sizes = np.array([float(size) for size, _ in groups])
    shares = np.array([share / 20 for _, share in groups])
    pools = pool(sizes, np.arange(len(groups), dtype=np.float64), shares)
    found = [share for _, _, share in pools]
    assert all(later > earlier for earlier, later in pairwise(found))
    assert sum(size for size, _, _ in pools) == sizes.sum()
    assert sum(size * share for size, _, share in pools) == pytest.approx((sizes * shares).sum())


@given(GROUPS)
@settings(max_examples=40, deadline=None)
def test_no_rising_curve_is_nearer_to_the_groups(groups: list[tuple[int, int]]) -> None:
    """By the min-max formula of isotonic regression, which is another way to the same curve."""
    sizes = np.array([float(size) for size, _ in groups])
    shares = np.array([share / 20 for _, share in groups])
    pools = pool(sizes, np.arange(len(groups), dtype=np.float64), shares)
    ends = np.cumsum([size for size, _, _ in pools])
    ours = [pools[at][2] for at in np.searchsorted(ends, np.cumsum(sizes) - 0.5)]

    def mean(first: int, last: int) -> float:
        return float(np.average(shares[first : last + 1], weights=sizes[first : last + 1]))

    count = len(groups)
    expected = [
        max(min(mean(first, last) for last in range(place, count)) for first in range(place + 1))
        for place in range(count)
    ]
    assert ours == pytest.approx(expected)


@given(seed=st.integers(0, 500), count=st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_a_curve_rises_and_stays_between_nought_and_one(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    probabilities = np.round(random.random(count), 2)  # many are equal
    curve = fit_curve(probabilities, random.random(count) < probabilities**2)
    assert list(curve.problems()) == []


def test_each_class_gets_the_curve_that_spoilt_it(honest: Honest) -> None:
    logits, truth = honest(60_000, spread=1.5)
    before = confidence_scores(softmax(logits * 3), truth, 15)
    found = Calibration("isotonic", curves=fit_isotonic(logits * 3, truth))
    after = confidence_scores(found.probabilities(logits * 3), truth, 15)
    assert after.classwise_ece < before.classwise_ece / 5
    assert after.nll < before.nll


def test_rows_are_divided_by_their_sum(honest: Honest) -> None:
    logits, truth = honest(2_000)
    found = Calibration("isotonic", curves=fit_isotonic(logits * 4, truth))
    probabilities = found.probabilities(np.concatenate([logits * 4, logits * 100]))
    assert probabilities.sum(axis=-1) == pytest.approx(1.0)
    assert (probabilities > 0).all()


def test_fitting_again_gives_the_same_curves(honest: Honest) -> None:
    logits, truth = honest(1_000)
    assert fit_isotonic(logits, truth) == fit_isotonic(logits, truth)


@pytest.mark.parametrize("hit", [False, True])
def test_a_class_that_is_never_or_always_right_stays_short_of_certainty(hit: bool) -> None:
    curve = fit_curve(np.linspace(0, 1, 200), np.full(200, hit))
    assert list(curve.y) == pytest.approx([1 - 0.5 / 201 if hit else 0.5 / 201])


def test_one_pixel_is_enough_for_a_curve() -> None:
    assert fit_curve(np.array([0.3]), np.array([True])).y == (0.75,)
