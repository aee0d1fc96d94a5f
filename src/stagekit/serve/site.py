"""What a server has to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stagekit.serve.turns import Turns


@dataclass(frozen=True, slots=True)
class Served:
    """A model that answers. `answer` takes images (n, side, side, 3) uint8 and gives probabilities."""

    name: str
    version: str
    side: int
    classes: tuple[str, ...]
    answer: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Site:
    """What a server shows: its page, and a model, or the reasons why it has none."""

    page: str
    served: Served | None
    reasons: tuple[str, ...] = ()
    turns: Turns = field(default_factory=Turns)
