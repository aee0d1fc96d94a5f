"""What a model was made from, as the records of train say; older records may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_STARTS = {
    "pretrained": "began with pretrained weights",
    "seeded": "began with seeded random numbers",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """How the encoder began, how many photos trained the model and chose its epoch; None: not told."""

    start: str | None
    training: int | None
    validation: int | None

    def sentences(self) -> str:
        """Say what is known."""
        told = []
        if self.training is not None:
            told.append(f"It learned from {self.training} photos.")
        if self.validation is not None:
            told.append(f"{self.validation} others chose its hyper-parameters and its epoch.")
        if self.start in _STARTS:
            told.append(f"Its encoder {_STARTS[self.start]}.")
        return " ".join(told)


def origin(training: Mapping[str, Any], metrics: Mapping[str, Any]) -> Origin:
    """Read a model's `training.json` and the `metrics.json` of train."""
    samples = metrics.get("samples", {})
    return Origin(training.get("encoder_start"), samples.get("training"), samples.get("validation"))
