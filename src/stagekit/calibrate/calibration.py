"""A fitted calibration: plain numbers that turn logits into probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.canonical import write_json
from stagekit.errors import StageError
from stagekit.metrics.confidence import softmax
from stagekit.model.bundle import read_record

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Calibration:
    """Temperature scaling; a temperature of 1 (method `none`) changes nothing."""

    method: str
    temperature: float

    def probabilities(self, logits: Any) -> Any:
        """Give calibrated probabilities (…, classes) float64; rows sum to 1, and no prediction changes."""
        return softmax(logits / self.temperature)


UNCALIBRATED = Calibration("none", 1.0)


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Write `calibration.json`."""
    write_json(path, {"v": _VERSION, "method": calibration.method, "temperature": calibration.temperature})


def read_calibration(path: Path) -> Calibration:
    """Read `calibration.json`. Raises `StageError` when it is missing or holds no usable temperature."""
    record = read_record(path)
    temperature = record.get("temperature")
    known = record.get("v") == _VERSION and record.get("method") in ("temperature", "none")
    if not known or not isinstance(temperature, int | float) or not temperature > 0:
        raise StageError(f"{path}: not a calibration of version {_VERSION} with a temperature above 0")
    return Calibration(record["method"], float(temperature))
