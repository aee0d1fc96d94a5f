"""What a model is made of: the values that, with the weights, are enough to build it again."""

from __future__ import annotations

from dataclasses import dataclass

CLASSES = ("pet", "background", "border")
"""Names of the three classes, in the order of the mask's values 0, 1, 2 and of the model's output channels."""

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
STRIDES = 5
"""The encoder halves the picture this often, so an input size must be a multiple of 2 ** STRIDES."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """The shape of a U-Net.

    `decoder_filters` has one width per decoder stage, from the coarsest (stride 16) to the finest (stride 1).
    """

    encoder: str
    input_size: int
    decoder_filters: tuple[int, ...]
    classes: tuple[str, ...] = CLASSES

    def __post_init__(self) -> None:
        if self.encoder != "mobilenet_v2":
            raise ValueError(f"unknown encoder {self.encoder!r}; known: 'mobilenet_v2'")
        if self.input_size % 2**STRIDES or self.input_size <= 0:
            raise ValueError(f"input size {self.input_size} is not a positive multiple of {2**STRIDES}")
        if len(self.decoder_filters) != STRIDES:
            raise ValueError(
                f"decoder_filters needs {STRIDES} widths (stride 16 to 1), got {self.decoder_filters}"
            )
