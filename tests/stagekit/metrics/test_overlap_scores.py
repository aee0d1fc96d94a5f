from __future__ import annotations

import numpy as np
import pytest

from stagekit.metrics.segmentation import confusion, scores

TRUTH = np.array([[[0, 0], [1, 2]], [[1, 1], [1, 1]]], dtype=np.uint8)
GUESS = np.array([[[0, 1], [1, 2]], [[1, 1], [1, 0]]], dtype=np.uint8)


def test_confusion_counts_pixels_per_sample_truth_first() -> None:
    matrices = confusion(TRUTH, GUESS, 3)
    assert matrices[0].tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert matrices[1].tolist() == [[0, 0, 0], [1, 3, 0], [0, 0, 0]]


def test_scores_are_those_computed_by_hand() -> None:
    total = scores(confusion(TRUTH, GUESS, 3).sum(axis=0))
    assert total.iou == (pytest.approx(1 / 3), pytest.approx(4 / 6), 1.0)
    assert total.dice == (pytest.approx(2 / 4), pytest.approx(8 / 10), 1.0)
    assert total.mean_iou == pytest.approx((1 / 3 + 2 / 3 + 1) / 3)
    assert total.mean_dice == pytest.approx((0.5 + 0.8 + 1) / 3)


def test_pixel_accuracy_is_the_share_of_right_pixels() -> None:
    assert scores(confusion(TRUTH, GUESS, 3).sum(axis=0)).pixel_accuracy == 6 / 8


def test_a_class_that_occurs_nowhere_has_no_iou_and_no_part_in_the_mean() -> None:
    second = scores(confusion(TRUTH, GUESS, 3)[1])
    assert second.iou == (0.0, pytest.approx(3 / 4), None)
    assert second.mean_iou == pytest.approx(3 / 8)


def test_mean_iou_tells_a_perfect_answer_from_a_constant_and_a_random_one() -> None:
    random = np.random.default_rng(1)
    truth = random.integers(0, 3, (4, 16, 16))
    answers = {"perfect": truth, "constant": truth * 0 + 1, "random": random.integers(0, 3, truth.shape)}
    found = {name: scores(confusion(truth, one, 3).sum(axis=0)).mean_iou for name, one in answers.items()}
    assert found["perfect"] == 1.0
    assert found["constant"] == pytest.approx(np.mean(truth == 1) / 3)
    assert 0.15 < found["random"] < 0.25


def test_a_record_names_the_classes() -> None:
    record = scores(confusion(TRUTH, GUESS, 3).sum(axis=0)).as_record(("pet", "background", "border"))
    assert record["iou"]["border"] == 1.0
    assert set(record) == {"mean_iou", "mean_dice", "pixel_accuracy", "iou", "dice"}
