"""A fitted calibration: plain numbers that turn logits into probabilities.

The file is JSON with the parameters of one family, so that any language can apply it:

    none          nothing
    temperature   softmax(logits / temperature)
    vector        softmax(scale * logits + bias), a scale and a bias a class
    isotonic      softmax(logits), each class through its curve, then each row divided by its sum
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from stagekit.canonical import write_json
from stagekit.errors import StageError
from stagekit.metrics.confidence import softmax
from stagekit.model.bundle import read_record

METHODS = ("none", "temperature", "vector", "isotonic")
"""The families, the simplest first."""
_VERSION = 2


@dataclass(frozen=True, slots=True)
class Curve:
    """A rising curve through the points (x, y): straight between them, level beyond the first and last."""

    x: tuple[float, ...]
    y: tuple[float, ...]

    def problems(self) -> Iterator[str]:
        """Say what keeps this from being a curve of probabilities."""
        if len(self.x) != len(self.y) or not self.x:
            yield "a curve needs as many x as y, at least one"
        elif any(later <= earlier for earlier, later in pairwise(self.x)):
            yield "a curve's x must rise"
        elif any(later < earlier for earlier, later in pairwise(self.y)):
            yield "a curve's y must not fall"
        elif not (self.y[0] > 0 and self.y[-1] < 1):
            yield "a curve's y must lie between 0 and 1"


@dataclass(frozen=True, slots=True)
class Calibration:
    """One family's parameters; those of the others are as if nothing were changed."""

    method: str
    temperature: float = 1.0
    scale: tuple[float, ...] = ()
    bias: tuple[float, ...] = ()
    curves: tuple[Curve, ...] = ()

    def probabilities(self, logits: Any) -> Any:
        """Give calibrated probabilities (…, classes) float64; rows sum to 1.

        A temperature changes no prediction; the other families can.
        """
        if self.method == "vector":
            return softmax(logits * np.asarray(self.scale) + np.asarray(self.bias))
        if self.method == "isotonic":
            return _through(self.curves, softmax(logits))
        return softmax(logits / self.temperature)

    def as_record(self) -> dict[str, Any]:
        """Give the method and its parameters, as the file holds them."""
        if self.method == "temperature":
            return {"method": self.method, "temperature": self.temperature}
        if self.method == "vector":
            return {"method": self.method, "scale": list(self.scale), "bias": list(self.bias)}
        if self.method == "isotonic":
            curves = [{"x": list(curve.x), "y": list(curve.y)} for curve in self.curves]
            return {"method": self.method, "curves": curves}
        return {"method": self.method}

    def sentence(self) -> str:
        """Say in a sentence what is done to the logits, for reports."""
        if self.method == "temperature":
            return f"All logits are divided by {self.temperature:.3f}."
        if self.method == "vector":
            scales = ", ".join(f"{value:.3f}" for value in self.scale)
            biases = ", ".join(f"{value:+.3f}" for value in self.bias)
            return f"The logits of the classes are multiplied by {scales}, then moved by {biases}."
        if self.method == "isotonic":
            points = ", ".join(str(len(curve.x)) for curve in self.curves)
            return (
                f"Each class's probability goes through a rising curve of its own (with {points} points); "
                "then each pixel's are divided by their sum."
            )
        return "The logits are taken as they are."


UNCALIBRATED = Calibration("none")


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Write `calibration.json`."""
    write_json(path, {"v": _VERSION, **calibration.as_record()})


def read_calibration(path: Path) -> Calibration:
    """Read `calibration.json`, of this version or of version 1, which had a temperature only.

    Raises `StageError` when it is missing, or when its parameters are not those of a family.
    """
    record = read_record(path)
    try:
        calibration = _from_record(record)
    except (KeyError, TypeError, ValueError) as error:
        raise StageError(
            f"{path}: not a calibration of version {_VERSION} ({error!r}); is it one that calibrate wrote?"
        ) from error
    return calibration


def _from_record(record: dict[str, Any]) -> Calibration:
    method = record["method"]
    known = {1: ("none", "temperature"), _VERSION: METHODS}
    if method not in known.get(record["v"], ()):
        raise ValueError(f"version {record['v']!r} has no method {method!r}")
    if method == "temperature":
        (temperature,) = _numbers([record["temperature"]])
        if not temperature > 0:
            raise ValueError("the temperature must be above 0")
        return Calibration(method, temperature=temperature)
    if method == "vector":
        scale, bias = _numbers(record["scale"]), _numbers(record["bias"])
        if len(scale) != len(bias) or not scale:
            raise ValueError("a scale and a bias a class are needed")
        return Calibration(method, scale=scale, bias=bias)
    if method == "isotonic":
        curves = tuple(Curve(_numbers(curve["x"]), _numbers(curve["y"])) for curve in record["curves"])
        problems = [problem for curve in curves for problem in curve.problems()]
        if problems or not curves:
            raise ValueError(problems[0] if problems else "a curve a class is needed")
        return Calibration(method, curves=curves)
    return UNCALIBRATED


def _numbers(values: Any) -> tuple[float, ...]:
    """Take finite JSON numbers and nothing else."""
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raise TypeError(f"numbers are needed, got {values!r}")
    if not np.isfinite(values).all():
        raise ValueError("finite numbers are needed")
    return tuple(float(value) for value in values)


def _through(curves: tuple[Curve, ...], probabilities: Any) -> Any:
    lifted = np.stack(
        [np.interp(probabilities[..., place], curve.x, curve.y) for place, curve in enumerate(curves)],
        axis=-1,
    )
    return lifted / lifted.sum(axis=-1, keepdims=True)
