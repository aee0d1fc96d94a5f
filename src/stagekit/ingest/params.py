"""Parameters of ingest."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.errors import CannotMigrateError
from stagekit.config.section import Section

Side = Annotated[int, Field(ge=32, le=512, multiple_of=32)]


class IngestParamsV1(Section):
    """Version 1, as in the 2019 reference: the masks' filter was free, which left pixels without a class."""

    v: Literal[1]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    size: Side
    image_filter: Literal["antialias"] = "antialias"
    mask_filter: Literal["nearest", "bilinear"]


class IngestParams(Section):
    """Version 2. Masks are always resized with nearest."""

    v: Literal[2]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    image_size: Side = Field(description="side of the square samples in pixels")
    max_source_pixels: Annotated[int, Field(ge=1, le=80_000_000)] = Field(
        default=50_000_000, description="a larger photo is rejected before it is decoded"
    )


def _from_v1(old: IngestParamsV1) -> dict[str, Any]:
    if old.mask_filter != "nearest":
        raise CannotMigrateError(
            "mask_filter",
            "masks are resized with nearest only, since bilinear makes pixels of no class; set {key}=nearest",
        )
    return {"seed": old.seed, "image_size": old.size}


INGEST = Block("ingest", IngestParams, (IngestParamsV1,), (_from_v1,), ({"image_size": "size"},))
