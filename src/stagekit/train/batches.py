"""Batches of an epoch: their order and their augmentation depend on (seed, epoch, sample id) alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from stagekit.dataset import Dataset
from stagekit.train.augment import apply, decide
from stagekit.train.params import Augmentation


def order(ids: tuple[str, ...], key: str) -> list[int]:
    """Shuffle places of `ids`: sorted by a hash of key and id, so a new sample leaves the others' order."""
    return sorted(
        range(len(ids)), key=lambda place: hashlib.sha256(f"order/{key}/{ids[place]}".encode()).digest()
    )


def steps_per_epoch(samples: int, batch_size: int) -> int:
    """Give how many full batches there are; a set that is smaller than one batch is one."""
    return max(1, samples // batch_size)


def batches(
    data: Dataset, batch_size: int, seed: int, epoch: int, augmentation: tuple[Augmentation, float]
) -> Iterator[tuple[Any, Any]]:
    """Yield (images, masks) of one epoch, uint8; the rest that fills no batch sits this epoch out.

    `augmentation` is the ranges and the strength.
    """
    places = order(data.ids, f"{seed}/{epoch}")
    for start in range(0, steps_per_epoch(len(data), batch_size) * batch_size, batch_size):
        pairs = [
            apply(
                data.images[place],
                data.masks[place],
                decide(f"{seed}/{epoch}/{data.ids[place]}", *augmentation),
            )
            for place in places[start : start + batch_size]
        ]
        yield np.stack([image for image, _ in pairs]), np.stack([mask for _, mask in pairs])
