"""A split's samples in memory, as bytes: 64 KB a sample of 128 x 128."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from stagekit.errors import StageError
from stagekit.samples import CLASSES, Sample, list_samples


@dataclass(frozen=True, slots=True)
class Dataset:
    """Samples in the order of their ids.

    `images` (n, size, size, 3) uint8 RGB; `masks` (n, size, size) uint8, values as in `CLASSES`;
    `records` the samples' `sample.json`.
    """

    ids: tuple[str, ...]
    images: Any
    masks: Any
    records: tuple[dict[str, Any], ...]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def size(self) -> int:
        """The side of the square pictures in pixels."""
        return int(self.images.shape[1])

    def take(self, indices: list[int]) -> Dataset:
        """Give the samples at these places, in this order."""
        return Dataset(
            tuple(self.ids[index] for index in indices),
            self.images[indices],
            self.masks[indices],
            tuple(self.records[index] for index in indices),
        )


def load_dataset(folder: Path) -> Dataset:
    """Load every sample below `folder`.

    Raises `StageError` when there is none, when sizes differ, or when a mask holds a value that is no class.
    """
    samples = list_samples(folder)
    if not samples:
        raise StageError(
            f"{folder} holds no sample; this stage needs at least one. Add data, or change the shares"
        )
    images = [_read(sample.image, "RGB") for sample in samples]
    masks = [_read(sample.mask, "L") for sample in samples]
    shape = images[0].shape[:2]
    for sample, image, mask in zip(samples, images, masks, strict=True):
        _check(sample, image, mask, shape)
    return Dataset(
        tuple(sample.id for sample in samples),
        np.stack(images),
        np.stack(masks),
        tuple(sample.record() for sample in samples),
    )


def _read(path: Path, mode: str) -> Any:
    with Image.open(path) as picture:
        if picture.mode != mode:
            raise StageError(f"{path}: mode {picture.mode}, expected {mode}; was it written by ingest?")
        return np.asarray(picture)


def _check(sample: Sample, image: Any, mask: Any, shape: tuple[int, ...]) -> None:
    if image.shape[:2] != shape or mask.shape != shape or shape[0] != shape[1]:
        raise StageError(
            f"{sample.folder}: picture {image.shape[:2]}, mask {mask.shape}; all must be squares of one size"
        )
    if int(mask.max()) >= len(CLASSES):
        raise StageError(
            f"{sample.mask}: value {int(mask.max())} is no class; known are 0 to {len(CLASSES) - 1}"
        )
