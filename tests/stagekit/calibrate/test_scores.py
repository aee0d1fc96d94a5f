from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stagekit.calibrate.intervals import score_intervals
from stagekit.calibrate.params import CALIBRATE, CalibrateParams
from stagekit.calibrate.run import fit_chosen, scores_record
from stagekit.config.block import migrate
from stagekit.dataset import Dataset
from stagekit.metrics.confidence import confidence_scores, softmax

Honest = Callable[..., tuple[Any, Any]]
PARAMS = CalibrateParams(v=2, seed=1, method="auto", max_iou_loss=0.002, folds=5, bins=10, resamples=200)


def photos(masks: Any) -> Dataset:
    ids = tuple(f"photo_{number}" for number in range(len(masks)))
    return Dataset(ids, np.zeros((*masks.shape, 3), dtype=np.uint8), masks, ({},) * len(masks))


def test_scores_tell_before_after_and_what_a_new_photo_would_get(honest: Honest) -> None:
    logits, truth = honest(10, 30, 30)
    data = photos(truth.astype(np.uint8))
    record = scores_record(fit_chosen(logits * 3, data, PARAMS), data, PARAMS)
    assert record["method"] == {"asked": "auto", "chosen": "temperature"}
    assert record["before"]["ece"] > 10 * record["cross_validated"]["ece"]
    assert set(record["families"]) == {"none", "temperature", "vector", "isotonic"}
    for name in ("before", "after", "cross_validated"):
        bounds = record[name]["intervals"]["nll"]
        assert bounds["low"] <= record[name]["nll"] <= bounds["high"]
    assert record["changed_pixels"] == 0.0
    assert record["before"]["mean_iou"] == record["after"]["mean_iou"]


def test_one_photo_is_fitted_by_the_named_family_and_scored_in_sample_only(honest: Honest) -> None:
    logits, truth = honest(1, 30, 30)
    data = photos(truth.astype(np.uint8))
    params = PARAMS.model_copy(update={"method": "temperature"})
    record = scores_record(fit_chosen(logits, data, params), data, params)
    assert (record["folds"], record["families"], record["cross_validated"]) == (0, {}, None)


def test_intervals_are_about_photos_and_not_about_pixels(honest: Honest) -> None:
    logits, truth = honest(8, 20, 20)
    probabilities = softmax(logits * np.linspace(0.5, 4.0, 8)[:, None, None, None])
    low, high = score_intervals(probabilities, truth, 10, 500, 1)["nll"]
    again = [np.concatenate([part] * 16, axis=1) for part in (probabilities, truth)]
    assert score_intervals(again[0], again[1], 10, 500, 1)["nll"] == pytest.approx((low, high))
    assert low < confidence_scores(probabilities, truth, 10).nll < high


def test_parameters_of_version_one_keep_their_method() -> None:
    old = {"v": 1, "seed": 3, "method": "temperature", "bins": 12}
    params = migrate(CALIBRATE, old, "calibrate.yaml")
    assert (params.v, params.method, params.bins, params.folds) == (2, "temperature", 12, 5)
