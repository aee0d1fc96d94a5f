"""The encoders that a U-Net can stand on: how each is built, where its weights are, how it is frozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.errors import StageError
from stagekit.model import mobilenet_v2, pretrained, vgg19

Pretrained = dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Encoder:
    """One encoder.

    `encode` builds six feature maps on the normalised picture, finest first, at strides 1, 2, 4, 8, 16, 32.
    `read` reads the weights of the file `<name>.safetensors`. `block_of` gives a layer's block: blocks up to
    `frozen_blocks` keep their weights.
    """

    name: str
    encode: Callable[[Any], list[Any]]
    read: Callable[[Path], Pretrained]
    block_of: Callable[[str], int]

    @property
    def weights_file(self) -> str:
        """Where the pretrained weights lie in the weights repo."""
        return f"{self.name}.safetensors"


def encoder_of(name: str) -> Encoder:
    """Give the encoder with that name, one of `architecture.ENCODERS`."""
    if name == "vgg19":
        return Encoder(name, vgg19.encode, pretrained.read_vgg19, vgg19.block_of)
    return Encoder(name, mobilenet_v2.encode, pretrained.read_mobilenet_v2, mobilenet_v2.block_of)


def find_pretrained(encoder: Encoder, folder: Path, asked: str) -> Pretrained | None:
    """Read the encoder's weights from the weights repo; None where it starts from seeded random numbers.

    `asked`: `seeded` never reads, `pretrained` must find them, `auto` takes them where they are.
    """
    path = folder / encoder.weights_file
    if asked == "seeded":
        return None
    if path.is_file():
        return encoder.read(path)
    if asked == "pretrained":
        raise StageError(
            f"weights repo: no {encoder.weights_file} for train.encoder={encoder.name}; put the file there, "
            "or set train.encoder_weights=seeded to start from random numbers"
        )
    return None
