"""Parameters of tune."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section


class Range(Section):
    """Where one hyper-parameter is searched."""

    low: float
    high: float
    log: bool = Field(default=False, description="search on a logarithmic scale")

    def rules(self) -> Iterator[tuple[str, str]]:
        """The bounds are in order, and above zero on a logarithmic scale."""
        if self.low >= self.high:
            yield "low", f"{self.low:g} is not below high ({self.high:g}); swap them"
        elif self.log and self.low <= 0:
            yield "low", f"{self.low:g} has no logarithm; set it above 0, or log to false"


class Space(Section):
    """The hyper-parameters to search; one that is left out keeps the baseline's value."""

    learning_rate: Range | None = None
    encoder_rate: Range | None = None
    dice_weight: Range | None = None
    border_weight: Range | None = None
    augmentation_strength: Range | None = None

    def rules(self) -> Iterator[tuple[str, str]]:
        """Something is searched."""
        if not self.chosen():
            yield "learning_rate", "the space is empty; give at least one hyper-parameter {low, high}"

    def chosen(self) -> dict[str, Range]:
        """List what is searched, by name."""
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}


class Pruning(Section):
    """A trial that stays below the median of the others at the same epoch is stopped."""

    startup_trials: Annotated[int, Field(ge=1)] = Field(description="so many trials run to their end first")
    warmup_epochs: Annotated[int, Field(ge=0)] = Field(description="no trial is stopped in these epochs")


class TuneParams(Section):
    """Version 1."""

    v: Literal[1]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    trials: Annotated[int, Field(ge=1)] = Field(description="the baseline is the first of them")
    trial_epochs: Annotated[int, Field(ge=1)]
    trial_share: Annotated[float, Field(gt=0, le=1)] = Field(
        description="share of the training samples that a trial sees; the final fit sees all of them"
    )
    pruning: Pruning
    space: Space


TUNE = Block("tune", TuneParams)
