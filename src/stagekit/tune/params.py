"""Parameters of tune."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from stagekit.config.block import Block
from stagekit.config.section import Section
from stagekit.determinism import Profile


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


class RangeTest(Section):
    """A learning-rate range test before the search (Smith, 2017): one climb from low to high."""

    steps: Annotated[int, Field(ge=20, le=10_000)]
    low: Annotated[float, Field(gt=0, le=0.1)]
    high: Annotated[float, Field(gt=0, le=10)]

    def rules(self) -> Iterator[tuple[str, str]]:
        """There is a way up."""
        if self.low * 10 > self.high:
            yield "low", f"{self.low:g} to {self.high:g} is no tenfold climb; set low lower, or high higher"


class _Search(Section):
    """What all versions share."""

    seed: Annotated[int, Field(ge=0, lt=2**31)]
    trials: Annotated[int, Field(ge=1)] = Field(description="the baseline is the first of them")
    trial_epochs: Annotated[int, Field(ge=1)]
    trial_share: Annotated[float, Field(gt=0, le=1)] = Field(
        description="share of the training samples that a trial sees; the final fit sees all of them"
    )
    pruning: Pruning
    space: Space


class TuneParamsV1(_Search):
    """Version 1: a budget of trials only."""

    v: Literal[1]


class TuneParams(_Search):
    """Version 2: a budget of epochs too, and a range test, if asked for.

    There is no budget of seconds: how far a search gets in a minute is another matter on every machine, and
    its result could not be had again.
    """

    v: Literal[2]
    max_epochs: Annotated[int, Field(ge=1)] = Field(
        description="of all trials together; a trial that may not fit into the rest is not started"
    )
    range_test: RangeTest | None = Field(
        default=None, description="its learning rate makes the second trial, the baseline with that rate"
    )
    determinism: Profile = Field(
        default="default", description="portable: the same bits whatever the processor's model, for more time"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        """The baseline's trial fits into the budget."""
        if self.max_epochs < self.trial_epochs:
            yield "max_epochs", f"{self.max_epochs} is not one trial of {self.trial_epochs}; set it higher"


def _from_v1(old: TuneParamsV1) -> dict[str, Any]:
    return {**old.model_dump(mode="json", exclude={"v"}), "max_epochs": old.trials * old.trial_epochs}


TUNE = Block("tune", TuneParams, (TuneParamsV1,), (_from_v1,))
