"""Samples, weights and parameters so small that a whole training takes seconds."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from stagekit.canonical import write_json, write_png
from stagekit.train.params import Augmentation, Hyperparameters, TrainParams

SIZE = 32
TINY = TrainParams(
    v=2,
    seed=11,
    encoder="mobilenet_v2",
    encoder_weights="pretrained",
    decoder_filters=(8, 8, 8, 8),
    frozen_blocks=3,
    epochs=3,
    warmup_epochs=0.5,
    patience=3,
    batch_size=4,
    hyperparameters=Hyperparameters(
        learning_rate=0.01,
        encoder_rate=0.2,
        dice_weight=1.0,
        border_weight=1.0,
        augmentation_strength=1.0,
    ),
    augmentation=Augmentation(
        flip=True, zoom=0.1, shift=0.05, rotation=5.0, brightness=0.1, contrast=0.1, saturation=0.1
    ),
)
"""A training of seconds on samples of 32 x 32."""


def with_hyperparameters(params: TrainParams, **values: float) -> TrainParams:
    """Give the parameters with other hyper-parameters."""
    changed: TrainParams = params.model_copy(
        update={"hyperparameters": params.hyperparameters.model_copy(update=values)}
    )
    return changed


def made_up_tensors() -> dict[str, Any]:
    """Give tensors with torchvision's names and shapes, and made-up numbers of a sensible size."""
    from stagekit.model.mobilenet_v2 import blocks

    random = np.random.default_rng(0)
    tensors: dict[str, Any] = {}

    def layer(name: str, norm: str, shape: tuple[int, ...]) -> None:
        fan_in = int(np.prod(shape[1:]))
        tensors[f"{name}.weight"] = (random.standard_normal(shape) * (2 / fan_in) ** 0.5).astype(np.float32)
        for part, value in (("weight", 1.0), ("bias", 0.1), ("running_mean", 0.0), ("running_var", 1.0)):
            tensors[f"{norm}.{part}"] = np.full(shape[0], value, dtype=np.float32)

    layer("features.0.0", "features.0.1", (32, 3, 3, 3))
    for block in blocks():
        prefix, position, width = f"{block.name}.conv", 0, block.channels_in
        if block.expanded:
            width, position = block.channels_in * block.expansion, 1
            layer(f"{prefix}.0.0", f"{prefix}.0.1", (width, block.channels_in, 1, 1))
        layer(f"{prefix}.{position}.0", f"{prefix}.{position}.1", (width, 1, 3, 3))
        layer(f"{prefix}.{position + 1}", f"{prefix}.{position + 2}", (block.channels_out, width, 1, 1))
    return tensors


def write_splits(folder: Path) -> None:
    """Write an output of split: 12 samples to learn from, and a few in each other split."""
    first = 0
    for split, count in (("training", 12), ("validation", 4), ("calibration", 4), ("test", 5)):
        for number in range(first, first + count):
            write_sample(folder / split, number)
        first += count


def write_sample(folder: Path, number: int) -> None:
    """Write a sample: a bright disc with a rim on a dark ground, all of it noisy."""
    name = f"{('Bengal', 'beagle')[number % 2]}_{number}"
    random = np.random.default_rng(number)
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    row, column = random.integers(10, 22, 2)
    distance = np.hypot(rows - row, columns - column)
    radius = random.uniform(5, 9)
    mask = np.where(distance < radius, 0, np.where(distance < radius + 3, 2, 1)).astype(np.uint8)
    colours = np.array([[210, 120, 60], [40, 60, 70], [120, 90, 60]])
    image = np.clip(colours[mask] + random.integers(-25, 26, (SIZE, SIZE, 3)), 0, 255).astype(np.uint8)
    digest = hashlib.sha256(name.encode()).hexdigest()
    record = {
        "id": name,
        "breed": name.rpartition("_")[0],
        "species": "cat" if name[0].isupper() else "dog",
        "class_shares": {
            label: float((mask == value).mean())
            for value, label in enumerate(("pet", "background", "border"))
        },
        "source": {"image": {"sha256": digest}, "trimap": {"sha256": digest}},
    }
    write_png(folder / name / "image.png", image)
    write_png(folder / name / "mask.png", mask)
    write_json(folder / name / "sample.json", record)
