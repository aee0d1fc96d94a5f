"""Values that several stages must agree on. Blocks refer to them as `${shared.<key>}`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section
from stagekit.determinism import Profile


class SharedParams(Section):
    """Version 1."""

    v: Literal[1]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    image_size: Annotated[int, Field(ge=32, le=512, multiple_of=32)]
    determinism: Profile = "default"


SHARED = Block("shared", SharedParams, shared=True)
