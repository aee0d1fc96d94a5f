"""Parameters of release: the policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.errors import CannotMigrateError
from stagekit.config.section import Section
from stagekit.release.known import what_is_wrong

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Name = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$")]
Optimised = Literal["mean_iou", "mean_dice", "pixel_accuracy"]
Text = Annotated[str, Field(min_length=1)]
Address = Annotated[str, Field(pattern=r"^[a-z0-9]+://[^\s]*[^/\s]$")]


class Limit(Section):
    """A satisficing condition on one figure of `metrics.json`; a dotted name reads a nested one."""

    metric: Text
    at_least: float | None = None
    at_most: float | None = None

    def rules(self) -> Iterator[tuple[str, str]]:
        """One side is bound."""
        if (self.at_least is None) == (self.at_most is None):
            yield "metric", f"the limit on {self.metric} needs exactly one of at_least and at_most"


class ServingV1(Section):
    """The release that was serving, by value."""

    model: Text
    value: float
    tolerance: Annotated[float, Field(ge=0)] = 0.0


class ReleaseParamsV1(Section):
    """Version 1, which asked for no proof, and was told by hand which release was serving."""

    v: Literal[1]
    seed: Seed
    model_name: Name
    optimise: Optimised
    limits: tuple[Limit, ...]
    serving: ServingV1 | None = None
    serve_image: Text
    storage_uri: Address


class Required(Section):
    """The evidence without which there is no release. What is not required is still looked at, and waived."""

    verified: bool = Field(default=True, description="a proof of these very files, signed and whole")
    reproduced: bool = Field(default=True, description="every job behind them was replayed, and matched")
    clean: bool = Field(default=True, description="every image was built from committed code, and is pinned")


class Comparison(Section):
    """How a model is held against the release that is serving, which the input `serving` holds."""

    tolerance: Annotated[float, Field(ge=0)] = Field(
        default=0.02,
        description="how much lower the optimised figure may be: by the low end of the difference's interval "
        "where both saw the same photos, else by the figures alone",
    )
    resamples: Annotated[int, Field(ge=100, le=10_000)] = Field(
        default=1000, description="bootstrap resamples of the difference, where both saw the same photos"
    )


class Data(Section):
    """What the photos are, in words for the model card: a stage cannot see it in their bytes."""

    name: Text
    licence: Text
    source: Text


class ReleaseParams(Section):
    """Version 2."""

    v: Literal[2]
    seed: Seed
    model_name: Name = Field(
        description="first part of the served model's name; the rest is evaluate's commit"
    )
    require: Required = Required()
    trusted_keys: tuple[Text, ...] = Field(
        default=(), description="public keys (PEM) whose signature counts; none: the proof's own key is taken"
    )
    optimise: Optimised = Field(description="the one figure that a release is compared by")
    limits: tuple[Limit, ...] = Field(description="every one must hold")
    comparison: Comparison = Comparison()
    data: Data | None = Field(default=None, description="for the model card; null: it says that nobody said")
    serve_image: Text = Field(description="the image that serves the model")
    storage_uri: Address = Field(description="where releases are kept for serving, without the model's name")

    def rules(self) -> Iterator[tuple[str, str]]:
        """Each figure has one limit a side."""
        sides = [(limit.metric, limit.at_least is None) for limit in self.limits]
        for metric, _ in sorted({side for side in sides if sides.count(side) > 1}):
            yield "limits", f"{metric} is limited twice on the same side; keep one of them"


def _from_v1(old: ReleaseParamsV1) -> dict[str, Any]:
    if old.serving is not None:
        raise CannotMigrateError(
            "serving",
            "which release is serving is data now, in the repo serving; put it there (pachctl copy file "
            "release@<commit>:/ serving@master:/), then set release.serving=null",
        )
    keys: dict[str, Any] = old.model_dump(mode="json", exclude={"v", "serving"})
    return keys


def _review(params: ReleaseParams) -> Iterator[tuple[str, str]]:
    for place, limit in enumerate(params.limits):
        if wrong := what_is_wrong(limit.metric):
            yield f"limits.{place}.metric", wrong


RELEASE = Block("release", ReleaseParams, (ReleaseParamsV1,), (_from_v1,), review=_review)
