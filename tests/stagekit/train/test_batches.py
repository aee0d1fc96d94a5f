from __future__ import annotations

import numpy as np
import pytest

from stagekit.dataset import Dataset
from stagekit.train.batches import batches, order, steps_per_epoch
from stagekit.train.params import Augmentation
from stagekit.train.schedule import rate

STILL = Augmentation(
    flip=False, zoom=0.0, shift=0.0, rotation=0.0, brightness=0.0, contrast=0.0, saturation=0.0
)


def dataset(count: int) -> Dataset:
    """Samples whose pixels all hold the sample's number."""
    images = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), dtype=np.uint8)
    ids = tuple(f"sample_{number}" for number in range(count))
    return Dataset(ids, images, np.zeros((count, 4, 4), dtype=np.uint8), ({},) * count)


def numbers(data: Dataset, epoch: int, batch_size: int = 4) -> list[int]:
    drawn = batches(data, batch_size, 1, epoch, (STILL, 1.0))
    return [int(image[0, 0, 0]) for images, _ in drawn for image in images]


def test_an_epoch_shows_each_sample_at_most_once_in_full_batches() -> None:
    seen = numbers(dataset(10), epoch=1)
    assert len(seen) == len(set(seen)) == 8


def test_the_order_changes_with_the_epoch_and_repeats_with_it() -> None:
    data = dataset(12)
    assert numbers(data, epoch=1) != numbers(data, epoch=2)
    assert numbers(data, epoch=1) == numbers(data, epoch=1)


def test_a_sample_left_out_once_comes_in_another_epoch() -> None:
    data = dataset(6)
    assert {number for epoch in range(8) for number in numbers(data, epoch)} == set(range(6))


def test_a_new_sample_leaves_the_others_in_their_order() -> None:
    ids = tuple(f"sample_{number}" for number in range(20))
    with_new = [(*ids, "new")[place] for place in order((*ids, "new"), "key")]
    assert [name for name in with_new if name != "new"] == [ids[place] for place in order(ids, "key")]


def test_fewer_samples_than_a_batch_are_one_batch() -> None:
    assert steps_per_epoch(3, 8) == 1
    assert len(numbers(dataset(3), epoch=1, batch_size=8)) == 3


def test_the_rate_climbs_then_falls_to_nearly_nothing() -> None:
    rates = [rate(step, 100, 10) for step in range(100)]
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert max(rates) == rates[10] == 1.0
    assert 0.0 < rates[-1] < 0.001


def test_without_warm_up_the_rate_starts_at_its_peak() -> None:
    assert rate(0, 10, 0) == pytest.approx(1.0)
