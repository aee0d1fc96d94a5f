"""The limits that a policy held a model against: how far they were held, and which of them ask nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from calf.web.reports.documents import Flat
from calf.web.reports.figures import is_number

LEAST, MOST = "at least", "at most"
_FROM_0_TO_1 = frozenset(
    [
        "iou",
        "mean_iou",
        "boundary_iou",
        "dice",
        "mean_dice",
        "accuracy",
        "pixel_accuracy",
        "precision",
        "recall",
        "f1",
        "auc",
        "ece",
        "classwise_ece",
        "brier",
    ]
)
"""Figures that are never lower and never higher, whatever the model."""


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
    ranged = any(part in _FROM_0_TO_1 for part in metric.split(".")[:1] + metric.split(".")[-1:])
    if check["name"] == LEAST:
        if ranged and bound <= 0:
            return "asks nothing"
        if simpler := _held_by(values, metric, bound):
            return f"asks little: “{simpler}” has it too"
        return ""
    tested = values.get("behaviour.tested")
    if (ranged and bound >= 1) or (metric == "behaviour.failed" and is_number(tested) and bound >= tested):
        return "asks nothing"
    return ""


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
