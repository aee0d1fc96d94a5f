"""Parameters of evaluate: they are the notebook's parameters too."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section


class EvaluateParams(Section):
    """Version 1."""

    v: Literal[1]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    title: Annotated[str, Field(min_length=1)] = Field(description="the report's heading")
    bins: Annotated[int, Field(ge=2, le=100)] = Field(description="bins of confidence in ECE and diagrams")
    resamples: Annotated[int, Field(ge=100)] = Field(description="bootstrap resamples behind each interval")
    overlays: Annotated[int, Field(ge=1, le=50)] = Field(description="typical samples shown with pictures")
    worst: Annotated[int, Field(ge=1, le=50)] = Field(description="worst samples shown with pictures")


EVALUATE = Block("evaluate", EvaluateParams)
