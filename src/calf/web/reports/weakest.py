"""Where a model fails, by its figures: parts of the data, classes, tests of behaviour, disturbed samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calf.web.reports.documents import Flat
from calf.web.reports.figures import interval, is_number
from calf.web.reports.opinion import behaviour

_SCORE = "mean_iou"
_MOST = 3


def weakest(values: Flat) -> dict[str, Any]:
    """The lowest of each: slices with enough samples, classes, what is left under `robustness`."""
    classes: list[dict[str, Any]] = [
        {"name": name.removeprefix("iou."), "value": value}
        for name, value in values.items()
        if name.startswith("iou.") and is_number(value)
    ]
    failed = sorted(test["name"] for test in behaviour(values) if not test["ok"])
    return {
        "slices": sorted(_slices(values), key=lambda each: each["value"])[:_MOST],
        "classes": sorted(classes, key=lambda each: each["value"]),
        "behaviour": failed,
        "disturbed": min(_disturbed(values), key=lambda each: each["value"], default=None),
    }


def _slices(values: Flat) -> Iterator[dict[str, Any]]:
    """`below`: whether the whole interval lies below the score of all samples, None where nobody can say.

    One part is always the lowest, so without that nothing is known to be wrong with it.
    """
    whole = values.get(_SCORE)
    for name, value in values.items():
        lead, _, score = name.rpartition(".")
        kind, _, part = lead.removeprefix("slices.").partition(".")
        if name.startswith("slices.") and part and score == _SCORE and is_number(value):
            ends, samples = interval(values, name), values.get(f"{lead}.samples")
            if values.get(f"{lead}.enough", 1):
                yield {
                    "kind": kind,
                    "name": part,
                    "value": value,
                    "samples": samples if is_number(samples) else None,
                    "low": ends[0] if ends else None,
                    "high": ends[1] if ends else None,
                    "below": ends[1] < whole if ends and is_number(whole) else None,
                }


def _disturbed(values: Flat) -> Iterator[dict[str, Any]]:
    """The share of a score that is left when samples are disturbed, by `robustness.KIND.AMOUNT.retained`."""
    for name, value in values.items():
        if name.startswith("robustness.") and name.endswith(".retained") and is_number(value):
            what = name.removeprefix("robustness.").removesuffix(".retained")
            yield {"name": what.replace(".", " ").replace("_", " "), "value": value}
