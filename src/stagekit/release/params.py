"""Parameters of release: the policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section


class Limit(Section):
    """A satisficing condition on one figure of `metrics.json`; a dotted name reads a nested one."""

    metric: Annotated[str, Field(min_length=1)]
    at_least: float | None = None
    at_most: float | None = None

    def rules(self) -> Iterator[tuple[str, str]]:
        """One side is bound."""
        if (self.at_least is None) == (self.at_most is None):
            yield "metric", f"the limit on {self.metric} needs exactly one of at_least and at_most"


class Serving(Section):
    """The release that is serving now; the model must not be worse by more than `tolerance`."""

    model: Annotated[str, Field(min_length=1)] = Field(description="its id, as decision.json gave it")
    value: float = Field(description="its figure for the key `optimise`")
    tolerance: Annotated[float, Field(ge=0)] = 0.0


class ReleaseParams(Section):
    """Version 1."""

    v: Literal[1]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    model_name: Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$")] = Field(
        description="first part of the served model's name; the rest is the digest of its content"
    )
    optimise: Literal["mean_iou", "mean_dice", "pixel_accuracy"] = Field(
        description="the one figure that a release is compared by"
    )
    limits: tuple[Limit, ...] = Field(description="every one must hold")
    serving: Serving | None = Field(default=None, description="None before the first release")
    serve_image: Annotated[str, Field(min_length=1)] = Field(description="the image that serves the model")
    storage_uri: Annotated[str, Field(pattern=r"^[a-z0-9]+://[^\s]*[^/\s]$")] = Field(
        description="where releases are kept for serving, without the model's name"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        """Each figure has one limit a side."""
        sides = [(limit.metric, limit.at_least is None) for limit in self.limits]
        for metric, _ in sorted({side for side in sides if sides.count(side) > 1}):
            yield "limits", f"{metric} is limited twice on the same side; keep one of them"


RELEASE = Block("release", ReleaseParams)
