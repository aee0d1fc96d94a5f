from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stagekit.dataset import Dataset
from stagekit.evaluate.behaviour import Finding, behaviour, is_easy
from stagekit.evaluate.changes import blurred, brightened, shifted
from stagekit.evaluate.params import EvaluateParams
from tests.stagekit.evaluate.conftest import bright_is_pet


def findings(answer: Any, data: Dataset, params: EvaluateParams) -> dict[str, Finding]:
    return {found.name: found for found in behaviour(answer, data, answer(data.images), params)}


def test_a_model_that_looks_at_each_pixel_alone_is_invariant_to_flips_and_shifts(
    data: Dataset, params: EvaluateParams
) -> None:
    found = findings(bright_is_pet, data, params)
    assert found["flip"].value == found["shift"].value == 1.0
    assert found["flip"].ok
    assert found["brightness"].value is not None
    assert found["brightness"].value < 1.0


def test_a_model_that_knows_only_the_place_fails_when_the_photo_is_mirrored(
    data: Dataset, params: EvaluateParams
) -> None:
    def left_is_pet(images: Any) -> Any:
        answer = np.ones(images.shape[:3], dtype=np.uint8)
        answer[:, :, : images.shape[2] // 2] = 0
        return answer

    found = findings(left_is_pet, data, params)
    assert found["flip"].value == 0.0
    assert found["flip"].ok is False
    assert found["brightness"].value == 1.0
    assert found["blur"].value is None, "it marks no border that could shrink"


def test_a_border_that_shrinks_in_blur_is_found(data: Dataset, params: EvaluateParams) -> None:
    def border_is_what_is_sharp(images: Any) -> Any:
        steps = np.abs(np.diff(images[..., 0].astype(int), axis=2, prepend=0))
        return np.where(steps > 40, 2, 1).astype(np.uint8)

    found = findings(border_is_what_is_sharp, data, params)["blur"]
    assert found.value is not None
    assert found.value < 0.5
    assert found.ok is False


def test_a_model_that_marks_nothing_finds_no_pet(data: Dataset, params: EvaluateParams) -> None:
    found = findings(lambda images: np.ones(images.shape[:3], dtype=np.uint8), data, params)
    assert found["finds_the_pet"].value == 0.0
    assert found["finds_the_pet"].samples == len(data)


def test_too_few_photos_are_no_verdict(data: Dataset, params: EvaluateParams) -> None:
    few = params.model_copy(update={"enough": 100})
    found = findings(bright_is_pet, data, few)["large_and_centred"]
    assert (found.value, found.ok, found.interval) == (None, None, None)


def test_easy_photos_have_a_large_pet_in_the_middle() -> None:
    masks = np.ones((3, 32, 32), dtype=np.uint8)
    masks[0, 4:28, 4:28] = 0
    masks[1, 14:18, 14:18] = 0
    masks[2, :, :14] = 0
    shares = [{"pet": float((mask == 0).mean()), "border": 0.0} for mask in masks]
    records = tuple({"class_shares": share} for share in shares)
    data = Dataset(("a", "b", "c"), np.zeros((3, 32, 32, 3), dtype=np.uint8), masks, records)
    assert [is_easy(data, place) for place in range(3)] == [True, False, False]


def test_no_behavioural_test_runs_when_none_is_asked_for(data: Dataset, params: EvaluateParams) -> None:
    assert findings(bright_is_pet, data, params.model_copy(update={"behaviour": None})) == {}


@pytest.mark.parametrize("move", [3, -3])
def test_a_shift_moves_the_scene_and_repeats_the_edge(move: int) -> None:
    images = np.arange(100, dtype=np.uint8).reshape(1, 10, 10, 1).repeat(3, axis=-1)
    seen = shifted(images, move)
    before, after = (slice(0, -3), slice(3, None)) if move > 0 else (slice(3, None), slice(0, -3))
    assert (seen[:, after, after] == images[:, before, before]).all()
    assert (seen[0, 0, 0] == images[0, max(-move, 0), max(-move, 0)]).all()


def test_brightness_stays_in_range_and_blur_keeps_the_mean() -> None:
    images = np.array([[[[0, 100, 250]]]], dtype=np.uint8)
    assert brightened(images, 25).tolist() == [[[[25, 125, 255]]]]
    assert brightened(images, -25).tolist() == [[[[0, 75, 225]]]]
    noisy = np.random.default_rng(1).integers(0, 256, (1, 16, 16, 3)).astype(np.uint8)
    soft = blurred(noisy, 2.0)
    assert soft.std() < noisy.std() / 2
    assert abs(float(soft.mean()) - float(noisy.mean())) < 4
