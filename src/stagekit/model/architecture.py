"""What a model is made of: the values that, with the weights, are enough to build it again."""

from __future__ import annotations

from dataclasses import dataclass

from stagekit.errors import StageError
from stagekit.samples import CLASSES

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
ENCODERS = ("mobilenet_v2", "vgg19")
HALVINGS = 5
"""The encoder halves the picture so often: an input size is a multiple of 2 ** HALVINGS."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """The shape of a U-Net.

    `decoder_filters` has one width a decoder stage, from the coarsest (stride 16) to the finest (stride 2).
    """

    encoder: str
    input_size: int
    decoder_filters: tuple[int, ...]
    classes: tuple[str, ...] = CLASSES

    def __post_init__(self) -> None:
        if self.encoder not in ENCODERS:
            raise StageError(f"unknown encoder {self.encoder!r}; known are: {', '.join(ENCODERS)}")
        if self.input_size % 2**HALVINGS or self.input_size <= 0:
            raise StageError(
                f"the model needs a picture size that is a multiple of {2**HALVINGS}, got {self.input_size}; "
                "set shared.image_size"
            )
        if len(self.decoder_filters) != HALVINGS - 1:
            raise StageError(f"decoder_filters needs {HALVINGS - 1} widths, got {self.decoder_filters}")
