"""The MobileNetV2 encoder, laid out so that torchvision's weights give torchvision's features.

Two things differ from Keras' own MobileNetV2, and both matter for transferred weights: strided
convolutions pad symmetrically (Keras pads bottom and right only), and BatchNorm's epsilon is 1e-5. Its
statistics stay frozen, so each BatchNorm is folded into the convolution before it (see `pretrained`): the
graph holds only convolutions with bias.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras


@dataclass(frozen=True, slots=True)
class Block:
    """One inverted residual block: torchvision's `features.<index>`."""

    index: int
    channels_in: int
    channels_out: int
    stride: int
    expansion: int

    @property
    def name(self) -> str:
        """The prefix of this block's tensors in torchvision's state dict."""
        return f"features.{self.index}"

    @property
    def expanded(self) -> bool:
        """Whether the block begins with a 1x1 expansion (all but the first do)."""
        return self.expansion != 1


_GROUPS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
STEM_CHANNELS = 32
SKIPS = (1, 3, 6, 13)
"""The blocks whose outputs (strides 2, 4, 8, 16) the decoder reads beside the last one (stride 32)."""


def blocks() -> tuple[Block, ...]:
    """All seventeen blocks, in order."""
    listed: list[Block] = []
    channels = STEM_CHANNELS
    for expansion, width, repeats, stride in _GROUPS:
        for repeat in range(repeats):
            listed.append(Block(len(listed) + 1, channels, width, stride if repeat == 0 else 1, expansion))
            channels = width
    return tuple(listed)


def encode(normalised: Any) -> list[Any]:
    """Build on `normalised` (batch, size, size, 3) and give the six feature maps, finest first.

    The finest is the picture itself: this encoder has no map at full size.
    """
    x = _padded(normalised, 2)
    x = keras.layers.Conv2D(STEM_CHANNELS, 3, strides=2, name="features.0.0")(x)
    x = _relu6(x)
    features = [normalised]
    for block in blocks():
        x = _inverted_residual(x, block)
        if block.index in SKIPS:
            features.append(x)
    return [*features, x]


def block_of(layer: str) -> int:
    """Give the number of the block that a layer belongs to; the stem is 0, and the last block 17."""
    return int(layer.split(".")[1])


def _inverted_residual(x: Any, block: Block) -> Any:
    inner = x
    position = 0
    if block.expanded:
        width = block.channels_in * block.expansion
        inner = _relu6(keras.layers.Conv2D(width, 1, name=f"{block.name}.conv.0.0")(inner))
        position = 1
    inner = _padded(inner, block.stride)
    inner = keras.layers.DepthwiseConv2D(
        3,
        strides=block.stride,
        padding="valid" if block.stride == 2 else "same",
        name=f"{block.name}.conv.{position}.0",
    )(inner)
    inner = _relu6(inner)
    inner = keras.layers.Conv2D(block.channels_out, 1, name=f"{block.name}.conv.{position + 1}")(inner)
    residual = block.stride == 1 and block.channels_in == block.channels_out
    return keras.layers.Add()([x, inner]) if residual else inner


def _padded(x: Any, stride: int) -> Any:
    return keras.layers.ZeroPadding2D(1)(x) if stride == 2 else x


def _relu6(x: Any) -> Any:
    return keras.layers.ReLU(max_value=6.0)(x)
