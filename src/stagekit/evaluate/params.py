"""Parameters of evaluate: they are the notebook's parameters too."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section
from stagekit.determinism import Profile

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Bins = Annotated[int, Field(ge=2, le=100)]
Shown = Annotated[int, Field(ge=1, le=50)]
Share = Annotated[float, Field(ge=0, le=1)]


class EvaluateParamsV1(Section):
    """Version 1, whose report knew no behavioural tests, no attack and no breeds."""

    v: Literal[1]
    seed: Seed
    title: Annotated[str, Field(min_length=1)]
    bins: Bins
    resamples: Annotated[int, Field(ge=100)]
    overlays: Shown
    worst: Shown


class Behaviour(Section):
    """What the model must do whatever its score; each bound is what its test must reach."""

    flip: Share = Field(
        default=0.8, description="agreement (mean IoU) with the answer for the mirrored photo"
    )
    brightness: Share = Field(default=0.8, description="agreement when the photo is brighter or darker")
    brightness_by: Annotated[int, Field(ge=1, le=127)] = Field(
        default=25, description="pixel values of 0..255"
    )
    shift: Share = Field(default=0.75, description="agreement when the photo is moved, where both see it")
    shift_by: Annotated[int, Field(ge=1, le=32)] = Field(default=4, description="pixels")
    blur: Annotated[float, Field(ge=0, le=10)] = Field(
        default=1.0, description="border pixels of blurred photos, as a multiple of those of sharp ones"
    )
    blur_by: Annotated[float, Field(gt=0, le=20)] = Field(
        default=1.0, description="Gaussian radius in pixels"
    )
    large_and_centred: Share = Field(default=0.7, description="IoU of the pet where it is large and central")
    finds_the_pet: Share = Field(default=0.8, description="share of photos with a pet IoU of at least 0.5")


class Latency(Section):
    """Measuring of seconds, which differ from run to run: they go to the log, and to no canonical file."""

    photos: Annotated[int, Field(ge=1)] = Field(default=20, description="photos timed, one at a time")
    file: bool = Field(default=False, description="also write /latency.json: the one output that differs")


class EvaluateParams(Section):
    """Version 2."""

    v: Literal[2]
    seed: Seed
    title: Annotated[str, Field(min_length=1)] = Field(description="the report's heading")
    bins: Bins = Field(description="bins of confidence in ECE and diagrams")
    resamples: Annotated[int, Field(ge=100, le=20_000)] = Field(
        description="bootstrap resamples behind each interval"
    )
    overlays: Shown = Field(description="typical samples shown with pictures")
    worst: Shown = Field(description="worst samples shown with pictures")
    dilation: Annotated[float, Field(gt=0, le=0.2)] = Field(
        default=0.02, description="of boundary IoU: the bands' width as a share of the picture's diagonal"
    )
    enough: Annotated[int, Field(ge=2)] = Field(
        default=8, description="photos that a slice needs to count: smaller ones are shown and flagged"
    )
    behaviour: Behaviour | None = Field(default=Behaviour(), description="null: no behavioural tests")
    epsilons: tuple[Annotated[int, Field(ge=1, le=64)], ...] = Field(
        default=(1, 2, 4, 8), description="strengths of the attack in pixel values of 0..255; empty: none"
    )
    blurs: tuple[Annotated[int, Field(ge=1, le=32)], ...] = Field(
        default=(1, 2, 4), description="radii in pixels of the blurs that are scored; empty: none"
    )
    latency: Latency | None = Field(default=Latency(), description="null: nothing is timed")
    spread: bool = Field(default=False, description="compare train's model with those in its members/<seed>/")
    determinism: Profile = Field(
        default="default", description="portable: the same bits whatever the processor's model, for more time"
    )


def from_notebook(**values: Any) -> EvaluateParams:
    """Give the parameters again from the notebook's variables of the same names."""
    # By way of JSON, where the strict mode takes lists for tuples.
    params: EvaluateParams = EvaluateParams.model_validate_json(json.dumps({"v": 2, **values}))
    return params


def _from_v1(old: EvaluateParamsV1) -> dict[str, Any]:
    return dict(old.model_dump(mode="json", exclude={"v"}))


EVALUATE = Block("evaluate", EvaluateParams, (EvaluateParamsV1,), (_from_v1,))
