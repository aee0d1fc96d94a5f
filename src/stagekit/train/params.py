"""Parameters of train, and the hyper-parameters that tune searches over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section
from stagekit.determinism import Profile

Share = Annotated[float, Field(ge=0, le=0.5)]
Width = Annotated[int, Field(ge=1)]
BLOCKS = {"mobilenet_v2": 17, "vgg19": 5}
"""How many blocks of an encoder can be frozen."""


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


class Importance(Section):
    """Sample importance (EL2N) as a by-product: how far the answers are from the truth, early in training."""

    epochs: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        min_length=1, description="after which epochs every training sample is scored; the mean counts"
    )


class _Fit(Section):
    """What all versions share."""

    seed: Annotated[int, Field(ge=0, lt=2**31)]
    decoder_filters: tuple[Width, Width, Width, Width] = Field(
        description="widths of the decoder's stages at strides 16, 8, 4, 2"
    )
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


class TrainParamsV1(_Fit):
    """Version 1: one encoder, which was always pretrained."""

    v: Literal[1]
    encoder: Literal["mobilenet_v2"]


class TrainParams(_Fit):
    """Version 2: two encoders, with or without pretrained weights; importance and members, if asked for."""

    v: Literal[2]
    encoder: Literal["mobilenet_v2", "vgg19"]
    encoder_weights: Literal["auto", "pretrained", "seeded"] = Field(
        description="pretrained: of the weights repo; seeded: random numbers; auto: pretrained if there"
    )
    members: Annotated[int, Field(ge=0, le=32)] = Field(
        default=0, description="more fits with the next seeds, for the spread that the seed alone makes"
    )
    importance: Importance | None = None
    determinism: Profile = Field(
        default="default", description="portable: the same bits whatever the processor's model, for more time"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        """Frozen blocks are there, and were trained before; importance is of epochs that are reached."""
        yield from super().rules()
        blocks = BLOCKS[self.encoder]
        if self.frozen_blocks > blocks:
            yield "frozen_blocks", f"{self.encoder} has {blocks} blocks; set it to {blocks} or less"
        if self.frozen_blocks and self.encoder_weights == "seeded":
            yield "frozen_blocks", "blocks of random numbers learn nothing when frozen; set it to 0"
        reached = min(self.epochs, self.patience + 1)
        if self.importance and max(self.importance.epochs) > reached:
            yield (
                "importance",
                f"training may stop after epoch {reached}; set importance.epochs to that or less",
            )


def _from_v1(old: TrainParamsV1) -> dict[str, Any]:
    return {**old.model_dump(mode="json", exclude={"v"}), "encoder_weights": "pretrained"}


TRAIN = Block("train", TrainParams, (TrainParamsV1,), (_from_v1,))
