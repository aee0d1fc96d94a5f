"""Parameters of calibrate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section


class CalibrateParams(Section):
    """Version 1."""

    v: Literal[1]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    method: Literal["temperature", "none"] = Field(
        description="temperature: one number divides all logits, so no prediction changes; none: leave them"
    )
    bins: Annotated[int, Field(ge=2, le=100)] = Field(description="bins of confidence in ECE and diagrams")


CALIBRATE = Block("calibrate", CalibrateParams)
