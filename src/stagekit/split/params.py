"""Parameters of split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section

SHARES = 10


class Shares(Section):
    """How many of the ten residues of md5(id) each split gets, in this order."""

    training: Annotated[int, Field(ge=1)]
    validation: Annotated[int, Field(ge=1)]
    calibration: Annotated[int, Field(ge=1)]
    test: Annotated[int, Field(ge=1)]

    def rules(self) -> Iterator[tuple[str, str]]:
        """The shares cover all residues."""
        total = self.training + self.validation + self.calibration + self.test
        if total != SHARES:
            yield "", f"the four shares add up to {total}; they must add up to {SHARES}"


class Prune(Section):
    """Training samples to leave out, for example those that taught a former model least (EL2N)."""

    because: str = Field(description="where the list comes from; it goes into the report")
    ids: tuple[str, ...] = Field(min_length=1)


class _Deal(Section):
    """What all versions share."""

    seed: Annotated[int, Field(ge=0, lt=2**31)]
    shares: Shares
    near_duplicates: Literal["together", "report"] = Field(
        description="together: a near-duplicate goes where the lower id goes; report: it is only reported"
    )
    max_hash_distance: Annotated[int, Field(ge=0, le=16)] = Field(
        description="perceptual hashes (64 bits) that differ in at most this many bits are near-duplicates"
    )
    max_rejected_share: Annotated[float, Field(ge=0, le=1)] = Field(
        description="a larger share of rejected pairs fails the job"
    )


class SplitParamsV1(_Deal):
    """Version 1."""

    v: Literal[1]


class SplitParams(_Deal):
    """Version 2: training samples can be left out."""

    v: Literal[2]
    prune: Prune | None = Field(
        default=None,
        description="training samples to leave out; `python -m stagekit.split.prune` writes the list",
    )


def _from_v1(old: SplitParamsV1) -> dict[str, Any]:
    return dict(old.model_dump(mode="json", exclude={"v"}))


SPLIT = Block("split", SplitParams, (SplitParamsV1,), (_from_v1,))
