from __future__ import annotations

import numpy as np
import pytest

from stagekit.metrics.boundary import band, boundary_counts, boundary_iou, distance


def square(size: int, start: int, stop: int) -> np.ndarray:
    mask = np.ones((1, size, size), dtype=np.uint8)
    mask[0, start:stop, start:stop] = 0
    return mask


def test_the_distance_is_a_share_of_the_diagonal_and_at_least_a_pixel() -> None:
    assert distance(128, 128, 0.02) == 4
    assert distance(30, 40, 0.02) == 1
    assert distance(8, 8, 0.001) == 1


def test_a_band_is_the_masks_own_rim() -> None:
    rim = band(square(12, 3, 9) == 0, 2)[0]
    assert rim.sum() == 6 * 6 - 2 * 2
    assert not rim[5:7, 5:7].any()
    assert not rim[2].any()


def test_the_frame_of_the_picture_counts_as_outline() -> None:
    whole = np.ones((1, 8, 8), dtype=bool)
    assert band(whole, 1)[0].sum() == 64 - 36
    assert not band(whole, 1, frame=False).any()


def test_a_mask_as_thin_as_the_band_is_all_outline() -> None:
    thin = np.zeros((1, 9, 9), dtype=bool)
    thin[0, 4] = True
    assert (band(thin, 2) == thin).all()


def test_the_figure_is_that_of_a_count_by_hand() -> None:
    truth, guess = square(20, 4, 14), square(20, 5, 15)
    both = (band(truth == 0, 1) & band(guess == 0, 1)).sum()
    either = (band(truth == 0, 1) | band(guess == 0, 1)).sum()
    counts = boundary_counts(truth, guess, 2, 1 / 28.3)
    assert counts[0, 0].tolist() == [both, either] == [2, 70]


def test_an_outline_that_is_aside_costs_much_more_than_iou_says() -> None:
    truth, guess = square(64, 8, 56), square(64, 10, 58)
    iou = ((truth == 0) & (guess == 0)).sum() / ((truth == 0) | (guess == 0)).sum()
    found = boundary_iou(boundary_counts(truth, guess, 2, 0.02).sum(axis=0))[0]
    assert iou > 0.8
    assert found is not None
    assert found < 0.2


def test_a_right_answer_has_1_and_a_class_without_a_pixel_none() -> None:
    found = boundary_iou(boundary_counts(square(16, 4, 9), square(16, 4, 9), 3, 0.02).sum(axis=0))
    assert found == (1.0, 1.0, None)


@pytest.mark.parametrize("shift", [0, 1])
def test_photos_are_counted_apart(shift: int) -> None:
    truth = np.concatenate([square(16, 4, 9), square(16, 4, 9)])
    guess = np.concatenate([square(16, 4, 9), square(16, 4 + shift, 9 + shift)])
    counts = boundary_counts(truth, guess, 2, 0.02)
    assert counts.shape == (2, 2, 2)
    assert (counts[0, 0, 0] == counts[0, 0, 1]) is np.True_
    assert (counts[1, 0, 0] == counts[1, 0, 1]) == (shift == 0)
