from __future__ import annotations

from dataclasses import replace

import numpy as np

from stagekit.dataset import Dataset
from stagekit.evaluate.baselines import baselines, colour_model, majority
from stagekit.evaluate.evaluation import Evaluation
from stagekit.metrics.segmentation import confusion, scores


def test_the_majority_class_is_that_of_the_training_split(data: Dataset) -> None:
    answer = majority(data, {"class_shares": {"pet": 0.2, "background": 0.3, "border": 0.5}})
    assert (answer == 2).all()
    assert answer.shape == data.masks.shape


def test_the_colour_model_beats_the_majority_where_colours_tell(data: Dataset) -> None:
    found = scores(confusion(data.masks, colour_model(data, 1), 3).sum(axis=0)).mean_iou
    best = max(
        scores(confusion(data.masks, data.masks * 0 + value, 3).sum(axis=0)).mean_iou for value in range(3)
    )
    assert found > best + 0.1


def test_the_colour_model_answers_a_photo_without_its_own_truth(data: Dataset) -> None:
    lied = data.masks.copy()
    lied[0] = (lied[0] + 1) % 3
    assert (colour_model(replace(data, masks=lied), 1)[0] == colour_model(data, 1)[0]).all()


def test_a_gain_over_the_same_answers_is_none_at_all(evaluation: Evaluation) -> None:
    answers = evaluation.answers
    (same,) = baselines(evaluation.data, {"itself": answers.predictions}, answers.matrices, 100, 1)
    assert (same.gain, same.interval) == (0.0, (0.0, 0.0))


def test_a_gain_is_paired_so_that_its_interval_is_narrower_than_two_apart(evaluation: Evaluation) -> None:
    answers, data = evaluation.answers, evaluation.data
    worse = answers.predictions.copy()
    worse[:, ::8] = (data.masks[:, ::8] + 1) % 3
    (other,) = baselines(data, {"worse": worse}, answers.matrices, 200, 1)
    low, high = other.interval
    assert 0 < low <= other.gain <= high
    assert high - low < np.diff(evaluation.headline.interval)[0]
