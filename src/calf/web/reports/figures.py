"""Figures of a model: which way is good, how sure they are, which come first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from calf.web.reports.documents import Flat, Scalar

UP, DOWN = "higher is better", "lower is better"
_DOWN_WORDS = (
    "ece classwise_ece class_ece brier nll loss error errors mae mse rmse mape perplexity gmacs parameters"
    " weights_mib failed latency median_ms p95_ms seconds wer cer fpr fnr regret"
)
_UP_WORDS = (
    "iou mean_iou dice mean_dice accuracy pixel_accuracy boundary_iou precision recall f1 auc auroc auprc"
    " map r2 score bleu rouge gain passed retained agreement specificity sensitivity psnr ssim"
)
_DOWN, _UP = frozenset(_DOWN_WORDS.split()), frozenset(_UP_WORDS.split())
_FIRST = (
    "mean_iou",
    "mean_dice",
    "accuracy",
    "pixel_accuracy",
    "boundary_iou.mean",
    "f1",
    "auc",
    "ece",
    "loss",
)
_ABOUT = {
    "mean_iou": "overlap of the marked and the true area, mean of the classes; 1 is perfect",
    "worst_slice.mean_iou": "the same in the part of the data where it is lowest",
    "mean_dice": "overlap on a milder scale; 1 is perfect",
    "pixel_accuracy": "share of pixels with the right class",
    "boundary_iou.mean": "overlap along the outlines only, which is stricter",
    "accuracy": "share of right answers",
    "ece": "how far the stated confidence is from the share of right answers; 0 is perfect",
    "cost.gmacs": "billions of multiplications a sample",
}
"""What figures that are known everywhere mean, for whoever sees them for the first time."""
_BOUNDS = ("low", "high")
_MOST_FIRST = 4


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value of a document is a figure."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def direction(name: str) -> str:
    """`higher is better`, `lower is better`, or empty where a name does not say."""
    for part in reversed(name.lower().split(".")):
        if part in _DOWN:
            return DOWN
        if part in _UP:
            return UP
    return ""


def interval(figures: Flat, name: str) -> tuple[float, float] | None:
    """The ends of the interval that a document gives for a figure, by one of the ways in which they do."""
    parent, _, leaf = name.rpartition(".")
    leads = [f"{name}_interval.", f"{name}_"]
    if parent:
        leads.append(f"{parent}_interval." if leaf == "mean" else f"{parent}.")
    value = figures.get(name)
    for lead in leads:
        low, high = (figures.get(lead + end) for end in _BOUNDS)
        if is_number(low) and is_number(high) and (not is_number(value) or low <= value <= high):
            return low, high
    return None


def is_bound(name: str) -> bool:
    """Whether a name is that of an end of an interval, or of its level, rather than a figure of its own."""
    leaf = name.rpartition(".")[2]
    return leaf in (*_BOUNDS, "level") or leaf.endswith(("_low", "_high"))


def headlines(figures: Flat, wanted: Iterable[str] = ()) -> list[str]:
    """The few figures to name first: those that a policy decides by, then those that many know."""
    numbers = [name for name in by_depth(figures) if is_number(figures[name]) and name != "v"]
    known = [name for name in (*wanted, *_FIRST) if is_number(figures.get(name)) and not is_bound(name)]
    alike = [
        name for leaf in _FIRST for name in numbers if name.count(".") == 1 and name.endswith(f".{leaf}")
    ]
    return list(dict.fromkeys(known or alike or numbers))[:_MOST_FIRST]


def by_depth(names: Iterable[str]) -> list[str]:
    """Names in their order, those at the top of a document before those in its parts."""
    return sorted(names, key=lambda name: name.count("."))


def figure(figures: Flat, name: str) -> dict[str, Any]:
    """A figure in the data of a page."""
    ends = interval(figures, name)
    return {
        "name": name,
        "value": figures.get(name),
        "low": ends[0] if ends else None,
        "high": ends[1] if ends else None,
        "good": direction(name),
        "about": _ABOUT.get(name, ""),
    }


def moves(new: Flat, old: Flat, names: Iterable[str]) -> list[dict[str, Any]]:
    """Figures with what became of them since another document; `apart`: whether the intervals are."""
    return [
        {
            **figure(new, name),
            "before": old.get(name),
            "word": compared(name, old.get(name), new.get(name)),
            "apart": apart(old, new, name),
        }
        for name in names
    ]


def apart(old: Flat, new: Flat, name: str) -> bool | None:
    """Whether the intervals of a figure have nothing in common; None where one is not given."""
    before, after = interval(old, name), interval(new, name)
    if not (before and after):
        return None
    return before[0] > after[1] or after[0] > before[1]


def compared(name: str, old: Scalar, new: Scalar) -> str:
    """`better`, `worse`, `the same`, or empty where nobody can say."""
    if not (is_number(old) and is_number(new)):
        return ""
    if old == new:
        return "the same"
    way = direction(name)
    if not way:
        return ""
    return "better" if (new > old) == (way == UP) else "worse"


def best(name: str, values: Mapping[str, Scalar]) -> set[str]:
    """Under which keys the best of some values of a figure stands; none where no way is good."""
    given = {key: value for key, value in values.items() if is_number(value)}
    way = direction(name)
    if not way or len(given) < 2:
        return set()
    top = (max if way == UP else min)(given.values())
    found = {key for key, value in given.items() if value == top}
    return found if len(found) < len(given) else set()
