"""Parameters of train, and the hyper-parameters that tune searches over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section

Share = Annotated[float, Field(ge=0, le=0.5)]


class Augmentation(Section):
    """How far the stateless augmentation may go at strength 1; zeros and `flip: false` turn it off."""

    flip: bool
    zoom: Annotated[float, Field(ge=0, le=1)] = Field(description="largest relative change of size")
    shift: Share = Field(description="largest move, as a share of the side")
    rotation: Annotated[float, Field(ge=0, le=45)] = Field(description="largest angle in degrees")
    brightness: Share
    contrast: Share
    saturation: Share


class Hyperparameters(Section):
    """What a trial of the search may change; everything else is the same in every trial."""

    learning_rate: Annotated[float, Field(gt=0, le=0.1)] = Field(
        description="the decoder's peak learning rate"
    )
    encoder_rate: Annotated[float, Field(ge=0, le=1)] = Field(
        description="the encoder's learning rate as a share of the decoder's"
    )
    dice_weight: Annotated[float, Field(ge=0, le=10)] = Field(description="of soft Dice beside cross-entropy")
    border_weight: Annotated[float, Field(gt=0, le=10)] = Field(
        description="of border pixels in the cross-entropy"
    )
    augmentation_strength: Annotated[float, Field(ge=0, le=2)] = Field(
        description="multiplies every range of the augmentation"
    )


class TrainParams(Section):
    """Version 1."""

    v: Literal[1]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    encoder: Literal["mobilenet_v2"]
    decoder_filters: tuple[
        Annotated[int, Field(ge=1)],
        Annotated[int, Field(ge=1)],
        Annotated[int, Field(ge=1)],
        Annotated[int, Field(ge=1)],
    ] = Field(description="widths of the decoder's stages at strides 16, 8, 4, 2")
    frozen_blocks: Annotated[int, Field(ge=0, le=17)] = Field(
        description="the encoder's first blocks (and the stem) that keep their pretrained weights"
    )
    epochs: Annotated[int, Field(ge=1)]
    warmup_epochs: Annotated[float, Field(ge=0)] = Field(
        description="the learning rate climbs this long, then falls as a cosine"
    )
    patience: Annotated[int, Field(ge=1)] = Field(
        description="epochs without a better validation mean IoU before training stops"
    )
    batch_size: Annotated[int, Field(ge=1, le=256)]
    hyperparameters: Hyperparameters
    augmentation: Augmentation

    def rules(self) -> Iterator[tuple[str, str]]:
        """The warm-up ends before the training does."""
        if self.warmup_epochs >= self.epochs:
            yield (
                "warmup_epochs",
                f"{self.warmup_epochs:g} leaves nothing of {self.epochs} epochs; set it below",
            )


TRAIN = Block("train", TrainParams)
