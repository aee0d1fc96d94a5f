from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stagekit.train.augment import Decision, apply, decide, uniforms
from stagekit.train.params import Augmentation

RANGES = Augmentation(
    flip=True, zoom=0.25, shift=0.1, rotation=15.0, brightness=0.3, contrast=0.3, saturation=0.3
)
STILL = Decision(
    flip=False,
    zoom=1.0,
    shift_x=0.0,
    shift_y=0.0,
    rotation=0.0,
    brightness=1.0,
    contrast=1.0,
    saturation=1.0,
)
SIZE = 32


def changed(**values: Any) -> Decision:
    fields = {name: getattr(STILL, name) for name in Decision.__slots__}
    return Decision(**{**fields, **values})


@pytest.fixture
def sample() -> tuple[Any, Any]:
    """A white square, off the centre, on black; the mask says the same."""
    mask = np.ones((SIZE, SIZE), dtype=np.uint8)
    mask[6:18, 4:14] = 0
    return np.repeat(np.where(mask == 0, 255, 0).astype(np.uint8)[..., None], 3, axis=-1), mask


def test_the_same_key_decides_the_same() -> None:
    assert decide("1/2/a", RANGES, 1.0) == decide("1/2/a", RANGES, 1.0)


@pytest.mark.parametrize("other", ["2/2/a", "1/3/a", "1/2/b"])
def test_seed_epoch_and_sample_each_change_the_decision(other: str) -> None:
    assert decide("1/2/a", RANGES, 1.0) != decide(other, RANGES, 1.0)


@given(st.text())
def test_decisions_stay_within_their_ranges(key: str) -> None:
    made = decide(key, RANGES, 1.0)
    assert 1 / 1.25 <= made.zoom <= 1.25
    assert abs(made.shift_x) <= 0.1
    assert abs(made.rotation) <= 15.0
    assert 0.7 <= made.brightness <= 1.3


@given(st.text())
def test_no_strength_moves_and_recolours_nothing(key: str) -> None:
    assert decide(key, RANGES.model_copy(update={"flip": False}), 0.0) == STILL


def test_uniforms_are_spread_over_the_unit_interval() -> None:
    drawn = np.array([uniforms(f"{number}") for number in range(500)])
    assert drawn.shape == (500, 8)
    assert drawn.min() >= 0.0
    assert drawn.max() < 1.0
    assert np.abs(drawn.mean(axis=0) - 0.5).max() < 0.06


def test_the_still_decision_gives_the_sample_back(sample: tuple[Any, Any]) -> None:
    image, mask = apply(*sample, STILL)
    assert (image == sample[0]).all()
    assert (mask == sample[1]).all()


def test_a_flip_mirrors_image_and_mask(sample: tuple[Any, Any]) -> None:
    image, mask = apply(*sample, changed(flip=True))
    assert (image == sample[0][:, ::-1]).all()
    assert (mask == sample[1][:, ::-1]).all()


@pytest.mark.parametrize(
    "decision",
    [
        changed(zoom=1.3),
        changed(zoom=0.8),
        changed(rotation=12.0),
        changed(shift_x=0.1, shift_y=-0.05),
        changed(flip=True, zoom=1.1, rotation=-8.0, shift_y=0.08),
    ],
)
def test_image_and_mask_move_together(sample: tuple[Any, Any], decision: Decision) -> None:
    image, mask = apply(*sample, decision)
    assert (mask != sample[1]).any()
    assert ((image[..., 0] > 127) == (mask == 0)).mean() > 0.98


def test_a_zoom_above_one_makes_things_larger(sample: tuple[Any, Any]) -> None:
    assert (apply(*sample, changed(zoom=1.3))[1] == 0).sum() > (sample[1] == 0).sum()


def test_a_positive_shift_looks_further_right_so_things_move_left(sample: tuple[Any, Any]) -> None:
    columns = np.nonzero(apply(*sample, changed(shift_x=2 / SIZE))[1] == 0)[1]
    assert (columns.min(), columns.max()) == (2, 11)


def test_colour_changes_leave_the_mask(sample: tuple[Any, Any]) -> None:
    image, mask = apply(*sample, changed(brightness=0.8))
    assert image.max() == 204
    assert (mask == sample[1]).all()


@given(key=st.text(max_size=8), seed=st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_masks_never_get_a_class_that_they_did_not_have(key: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    mask = random.choice([0, 2], (SIZE, SIZE)).astype(np.uint8)
    image = random.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    moved, labels = apply(image, mask, decide(key, RANGES, 1.0))
    assert set(np.unique(labels)) <= {0, 2}
    assert (moved.dtype, labels.dtype, moved.shape) == (np.uint8, np.uint8, image.shape)
