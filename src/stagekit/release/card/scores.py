"""How good the model is, in figures with their intervals; and where it is weak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stagekit.release.card.markdown import interval, number, table
from stagekit.release.figures import figure
from stagekit.samples import CLASSES

Figures = Mapping[str, Any]

_HEADLINES = (
    ("mean_iou", "overlap of the marked and the true area, mean of the three classes; 1 is perfect"),
    ("boundary_iou.mean", "the same along the outlines only, which is stricter"),
    ("mean_dice", "overlap on a milder scale"),
    ("pixel_accuracy", "share of pixels with the right class"),
    ("ece", "how far the stated confidence is from the share of right pixels; 0 is perfect"),
)
_INTERVALS = {
    "mean_iou": "mean_iou_interval",
    "boundary_iou.mean": "boundary_iou_interval",
    "ece": "ece_interval",
}
_WORST = 5
_TESTS = {
    "flip": "the same answer for the mirrored photo (agreement)",
    "brightness": "the same answer when it is brighter or darker (agreement)",
    "shift": "the same answer when it is moved (agreement)",
    "blur": "border pixels of blurred photos, as a multiple of those of sharp ones",
    "large_and_centred": "IoU of the pet where it is large and in the middle",
    "finds_the_pet": "share of photos whose pet is found",
}

_HARMS = (
    ("blur", "Under blur", "radius in pixels"),
    ("fgsm", "Under an attack (one step of the fast gradient sign method)", "largest change, of 255"),
)


def how_good(figures: Figures) -> str:
    """Tabulate the headline figures, those of each class, and what simpler answers reach."""
    parts = [_headlines(figures), _classes(figures), _baselines(figures)]
    return "\n\n".join(part for part in parts if part)


def where_weak(figures: Figures) -> str:
    """Tabulate the lowest slices, the behavioural tests and the attack, as far as evaluate made them."""
    parts = [_slices(figures), _behaviour(figures), *(_under(figures, *harm) for harm in _HARMS)]
    return "\n\n".join(part for part in parts if part) or "evaluate made no slices and no tests of behaviour."


def _headlines(figures: Figures) -> str:
    rows = [
        (f"`{name}`", f"**{number(figures, name)}**", _interval_of(figures, name), words)
        for name, words in _HEADLINES
        if figure(figures, name) is not None
    ]
    return table(("figure", "value", "95 % interval", "what it is"), rows)


def _interval_of(figures: Figures, name: str) -> str:
    own = _INTERVALS.get(name, "")
    return interval(figures, f"{own}.low", f"{own}.high")


def _classes(figures: Figures) -> str:
    rows = [
        (name, *(number(figures, f"{kind}.{name}") for kind in ("iou", "dice", "boundary_iou")))
        for name in CLASSES
        if figure(figures, f"iou.{name}") is not None
    ]
    return table(("class", "IoU", "Dice", "boundary IoU"), rows) if rows else ""


def _baselines(figures: Figures) -> str:
    rows = [
        (
            name,
            number(figures, f"baselines.{name}.mean_iou"),
            _gain(figures, name),
        )
        for name in sorted(figures.get("baselines") or {})
    ]
    return (
        table(("compared with", "its `mean_iou`", "this model's gain (95 % interval)"), rows) if rows else ""
    )


def _gain(figures: Figures, name: str) -> str:
    if figure(figures, f"baselines.{name}.gain") is None:
        return ""
    around = interval(figures, f"baselines.{name}.gain_low", f"baselines.{name}.gain_high")
    return f"{number(figures, f'baselines.{name}.gain')} ({around})"


def _slices(figures: Figures) -> str:
    """Show the lowest slices that have enough photos, and say of how many that cannot be told."""
    found = sorted(_every_slice(figures), key=lambda each: (each[3], each[:2]))
    enough = [each for each in found if each[2].get("enough", 1)]
    rows = [
        (f"{kind}: {name}", f"{value:.3f}", interval(part, "low", "high"), str(part.get("samples", "")))
        for kind, name, part, value in enough[:_WORST]
    ]
    few = len(found) - len(enough)
    told = (
        f"\n\n{few} more {'slice has' if few == 1 else 'slices have'} too few photos to say." if few else ""
    )
    if not rows:
        return told.strip()
    return (
        "The lowest of its slices:\n\n"
        + table(("slice", "`mean_iou`", "95 % interval", "photos"), rows)
        + told
    )


def _every_slice(figures: Figures) -> Iterator[tuple[str, str, dict[str, Any], float]]:
    for kind, parts in (figures.get("slices") or {}).items():
        for name, part in parts.items():
            value = figure(part, "mean_iou")
            if value is not None:
                yield kind, name, part, value


def _behaviour(figures: Figures) -> str:
    tests = figures.get("behaviour") or {}
    rows = [
        (words, number(tests, f"{name}.value"), number(tests, f"{name}.bound", 2), _verdict(tests[name]))
        for name, words in _TESTS.items()
        if isinstance(tests.get(name), dict)
    ]
    if not rows:
        return ""
    return (
        "Tests of behaviour, whatever its score. What they must reach is a parameter, whose default was set "
        "after a first look at such figures: it tells that something has become worse.\n\n"
        + table(("test", "value", "must reach", ""), rows)
    )


def _verdict(test: Mapping[str, Any]) -> str:
    ok, low, bound = test.get("ok"), figure(test, "low"), figure(test, "bound")
    if ok is None:
        return "too few photos to say"
    vague = low is not None and bound is not None and low < bound
    return "**failed**" if not ok else "passed, not surely" if vague else "passed"


def _under(figures: Figures, kind: str, title: str, step: str) -> str:
    """Tabulate what is left of the score under a harm of growing strength."""
    steps = (figures.get("robustness") or {}).get(kind) or {}
    rows = [
        (strength, number(steps[strength], "mean_iou"), number(steps[strength], "retained", 2))
        for strength in sorted(steps, key=float)
    ]
    columns = (step, "`mean_iou`", "of its clean figure")
    return f"{title}:\n\n{table(columns, rows)}" if rows else ""
