"""The limits that a policy held a model against: how far they were held, and which of them ask nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from calf.web.reports.documents import Flat
from calf.web.reports.figures import DOWN, UP, direction, is_number

LEAST, MOST = "at least", "at most"
_SCORES = "iou mean_iou boundary_iou dice mean_dice accuracy pixel_accuracy precision recall f1 auc"
_HIGHEST = {**dict.fromkeys([*_SCORES.split(), "ece", "classwise_ece"], 1.0), "brier": 2.0}
"""Figures that are never below 0 and never higher than this, whatever the model."""


def limits(checks: Iterable[Mapping[str, Any]], values: Flat) -> list[dict[str, Any]]:
    """The limits among the checks of a decision, with what each has to `spare` and why it `asks` nothing."""
    return [
        {
            **{key: check[key] for key in ("name", "metric", "value", "bound", "outcome")},
            "spare": _spare(check),
            "asks": _asks(check, values),
        }
        for check in checks
        if check["name"] in (LEAST, MOST) and check["bound"] is not None
    ]


def limit_doubts(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What a reader is to know of limits that were held."""
    for each in found:
        if each["outcome"] == "passed" and each["asks"]:
            yield f"the limit {each['metric']} {each['name']} {each['bound']:g} {each['asks']}"


def _spare(check: Mapping[str, Any]) -> float | None:
    if check["value"] is None:
        return None
    spare = check["value"] - check["bound"]
    return float(spare if check["name"] == LEAST else -spare)


def _asks(check: Mapping[str, Any], values: Flat) -> str:
    """Why any model would hold a limit, or one that is none; empty where it asks something."""
    metric, bound = check["metric"], check["bound"]
    highest = _highest(metric)
    if check["name"] == LEAST:
        if highest is not None and bound <= 0:
            return "asks nothing"
        if simpler := _held_by(values, metric, bound):
            return f"asks little: “{simpler}” has it too"
        return ""
    tested = values.get("behaviour.tested")
    if metric == "behaviour.failed" and is_number(tested):
        highest = tested
    return "asks nothing" if highest is not None and bound >= highest else ""


def _highest(metric: str) -> float | None:
    parts = metric.split(".")
    return next((_HIGHEST[part] for part in (parts[0], parts[-1]) if part in _HIGHEST), None)


def is_best(metric: str, value: float) -> bool:
    """Whether a figure cannot be any better: nothing failed, all is right."""
    way = direction(metric)
    return (way == DOWN and value == 0) or (way == UP and value == _highest(metric))


def _held_by(values: Flat, metric: str, bound: float) -> str:
    """A simple answer whose figure holds the limit as well."""
    for name, value in values.items():
        if (
            name.startswith("baselines.")
            and name.endswith(f".{metric}")
            and is_number(value)
            and value >= bound
        ):
            return name[len("baselines.") : -len(metric) - 1]
    return ""
