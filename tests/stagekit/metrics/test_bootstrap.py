from __future__ import annotations

import numpy as np
import pytest

from stagekit.metrics.bootstrap import (
    draws,
    ece_interval,
    gain_interval,
    mean_interval,
    mean_iou_interval,
    mean_ratio_interval,
    resampled_mean_iou,
)
from stagekit.metrics.confidence import photo_gaps, reliability
from stagekit.metrics.segmentation import confusion, scores


def answers(photos: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    truth = random.integers(0, 3, (photos, 8, 8))
    return truth, np.where(random.random(truth.shape) < 0.3, 0, truth)


def test_each_resample_draws_as_many_photos_as_there_are() -> None:
    drawn = draws(7, 50, 3)
    assert drawn.shape == (50, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert (drawn == draws(7, 50, 3)).all()


def test_a_resample_of_each_photo_once_is_the_score_itself() -> None:
    matrices = confusion(*answers(6), 3)
    once = np.ones((1, 6), dtype=np.int64)
    assert resampled_mean_iou(matrices, once)[0] == pytest.approx(scores(matrices.sum(axis=0)).mean_iou)


def test_a_class_that_a_resample_lacks_is_left_out_of_its_mean() -> None:
    matrices = np.array([[[4, 0, 0], [0, 4, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0], [0, 4, 4]]])
    only_the_first, only_the_second = resampled_mean_iou(matrices, np.array([[2, 0], [0, 2]]))
    assert only_the_first == 1.0
    assert only_the_second == 0.25


def test_the_interval_holds_the_mean_iou_and_repeats_with_its_seed() -> None:
    matrices = confusion(*answers(20), 3)
    low, high = mean_iou_interval(matrices, 200, seed=7)
    assert low < scores(matrices.sum(axis=0)).mean_iou < high
    assert (low, high) == mean_iou_interval(matrices, 200, seed=7)
    assert (low, high) != mean_iou_interval(matrices, 200, seed=8)


def test_one_sample_has_an_interval_of_no_width() -> None:
    low, high = mean_iou_interval(confusion(*answers(1), 3), 100, seed=0)
    assert low == high


def test_more_photos_narrow_the_interval() -> None:
    widths = [
        np.diff(mean_iou_interval(confusion(*answers(count), 3), 300, seed=1))[0] for count in (10, 160)
    ]
    assert widths[1] < widths[0] / 2


def test_a_difference_on_the_same_photos_is_surer_than_each_score() -> None:
    truth, guess = answers(30)
    ours, theirs = confusion(truth, guess, 3), confusion(truth, np.where(truth == 2, 1, guess), 3)
    low, high = gain_interval(ours, theirs, 200, 1)
    assert 0 < low < high
    assert gain_interval(ours, ours, 200, 1) == (0.0, 0.0)


def test_the_interval_of_a_mean_is_about_that_of_the_normal_law() -> None:
    values = np.random.default_rng(5).normal(0.5, 0.1, 100)
    low, high = mean_interval(values, 2000, 1)
    assert low == pytest.approx(values.mean() - 1.96 * values.std() / 10, abs=0.004)
    assert high == pytest.approx(values.mean() + 1.96 * values.std() / 10, abs=0.004)


def test_ratios_of_counts_are_those_of_sums() -> None:
    counts = np.array([[[1, 2], [0, 0]], [[3, 4], [0, 0]]])
    low, high = mean_ratio_interval(counts, 200, 1)
    assert (low, high) == (0.5, 0.75)


def test_the_interval_of_the_calibration_error_is_around_it() -> None:
    random = np.random.default_rng(3)
    probabilities = random.dirichlet((1, 1, 1), (40, 6, 6))
    masks = random.integers(0, 3, (40, 6, 6))
    low, high = ece_interval(photo_gaps(probabilities, masks, 10), 300, 1)
    assert low < reliability(probabilities, masks, 10).error < high


def test_the_counted_gaps_add_up_to_the_calibration_error() -> None:
    random = np.random.default_rng(4)
    probabilities = random.dirichlet((1, 2, 3), (5, 8, 8))
    masks = random.integers(0, 3, (5, 8, 8))
    gaps = photo_gaps(probabilities, masks, 10)
    assert gaps[..., 0].sum() == masks.size
    low, high = ece_interval(gaps.sum(axis=0, keepdims=True), 100, 1)
    assert low == high == pytest.approx(reliability(probabilities, masks, 10).error, abs=1e-6)
