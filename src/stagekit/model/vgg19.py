"""The VGG19 encoder (Simonyan and Zisserman, 2015, configuration E), with torchvision's names and padding.

Sixteen 3x3 convolutions in five blocks, each but the bottom ended by a 2x2 maximum. Its five skips are the
blocks' last maps, at strides 1, 2, 4, 8 and 16; the map that goes up again is the fifth block's, pooled.
"""

from __future__ import annotations

from typing import Any

import keras

_BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))
"""(channels, convolutions) a block."""


def layers() -> tuple[tuple[tuple[str, int], ...], ...]:
    """Give (name, channels) of each convolution, by block: numbers count ReLU and pooling as well."""
    listed, index = [], 0
    for channels, convolutions in _BLOCKS:
        block = []
        for _ in range(convolutions):
            block.append((f"features.{index}", channels))
            index += 2
        listed.append(tuple(block))
        index += 1
    return tuple(listed)


def encode(normalised: Any) -> list[Any]:
    """Build on `normalised` (batch, size, size, 3) and give the six feature maps, finest first."""
    x = normalised
    features = []
    for block in layers():
        for name, channels in block:
            x = keras.layers.Conv2D(channels, 3, padding="same", activation="relu", name=name)(x)
        features.append(x)
        x = keras.layers.MaxPooling2D(2)(x)
    return [*features, x]


def block_of(layer: str) -> int:
    """Give the number, from 1, of the block that a layer belongs to."""
    return next(
        number for number, block in enumerate(layers(), start=1) if layer in {name for name, _ in block}
    )
