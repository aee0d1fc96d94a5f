"""Parameters of calibrate."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section
from stagekit.determinism import Profile

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Bins = Annotated[int, Field(ge=2, le=100)]


class CalibrateParamsV1(Section):
    """Version 1: one temperature, or nothing."""

    v: Literal[1]
    seed: Seed
    method: Literal["temperature", "none"]
    bins: Bins


class CalibrateParams(Section):
    """Version 2: three families, and the choice between them."""

    v: Literal[2]
    seed: Seed
    method: Literal["auto", "none", "temperature", "vector", "isotonic"] = Field(
        description="auto: the family with the lowest cross-validated NLL; else the one that is named"
    )
    max_iou_loss: Annotated[float, Field(ge=0, le=1)] = Field(
        description="auto takes no family that changes predictions so that mean IoU falls by more than this"
    )
    folds: Annotated[int, Field(ge=2, le=20)] = Field(
        description="of the cross-validation; whole photos, dealt by a hash of their ids"
    )
    bins: Bins = Field(description="bins of confidence in ECE and diagrams")
    resamples: Annotated[int, Field(ge=100, le=100_000)] = Field(
        description="bootstrap resamples of whole photos behind each interval"
    )
    determinism: Profile = Field(
        default="default", description="portable: the same bits whatever the processor's model, for more time"
    )


def _from_v1(old: CalibrateParamsV1) -> dict[str, Any]:
    kept = {"seed": old.seed, "method": old.method, "bins": old.bins}
    return {**kept, "max_iou_loss": 0.002, "folds": 5, "resamples": 1000}


CALIBRATE = Block("calibrate", CalibrateParams, (CalibrateParamsV1,), (_from_v1,))
