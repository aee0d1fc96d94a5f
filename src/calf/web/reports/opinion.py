"""What the figures of a report say of the model by themselves, whatever a release decided.

A policy asks what its author thought of; a report that found the model worse than an answer without any
learning is to be read beside the word "accepted". Names are those of docs/design/metrics.md; where a document
has none of them nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from calf.views.words import many
from calf.web.reports.documents import Flat
from calf.web.reports.figures import interval, is_number

_SCORES = ("mean_iou", "mean_dice", "accuracy", "pixel_accuracy")
_SHARES = frozenset({"finds_the_pet"})
"""Tests whose value is a share of the samples, which is said as so many of so many."""


def opinion(values: Flat) -> dict[str, Any]:
    """The verdict in `words`, empty for none, its `mark` (good, warn, bad), and what speaks `against`."""
    answers, tests = baselines(values), behaviour(values)
    against = [*_beaten(values, answers), *(_failed(each) for each in tests if not each["ok"])]
    words, mark = _verdict(answers, tests)
    return {"words": words, "mark": mark, "against": against}


def baselines(values: Flat) -> list[dict[str, Any]]:
    """The gain over each simpler answer, with the ends of its interval where they are given."""
    found = []
    for name, value in values.items():
        answer = name.removeprefix("baselines.").removesuffix(".gain")
        if name == f"baselines.{answer}.gain" and is_number(value):
            low, high = interval(values, name) or (None, None)
            found.append(
                {
                    "name": answer,
                    "gain": value,
                    "low": low,
                    "high": high,
                    "word": _word(value, low, high),
                }
            )
    return found


def behaviour(values: Flat) -> list[dict[str, Any]]:
    """The tests that could be told: what came out, what was asked for, and whether that holds."""
    return [
        {
            "name": (test := name[len("behaviour.") : -len(".ok")]),
            "ok": value == 1,
            **{part: values.get(f"behaviour.{test}.{part}") for part in ("value", "bound", "samples")},
        }
        for name, value in values.items()
        if name.startswith("behaviour.")
        and name.endswith(".ok")
        and name.count(".") == 2
        and (is_number(value) or isinstance(value, bool))
    ]


def _word(gain: float, low: float | None, high: float | None) -> str:
    """`better` or `worse` where the whole interval is, and `alike` where it cannot be told."""
    if low is not None and high is not None:
        return "better" if low > 0 else "worse" if high < 0 else "alike"
    return "better" if gain > 0 else "worse" if gain < 0 else "alike"


def _verdict(answers: Sequence[dict[str, Any]], tests: Sequence[dict[str, Any]]) -> tuple[str, str]:
    worse = [each["name"] for each in answers if each["word"] == "worse"]
    alike = [each["name"] for each in answers if each["word"] == "alike"]
    failed = sum(not each["ok"] for each in tests)
    if worse or alike:
        word = "worse than" if worse else "no better than"
        return f"{word} {_named(worse or alike)}", "bad" if worse else "warn"
    if failed:
        return f"fails {failed} of {many(len(tests), 'test')} of behaviour", "warn"
    if answers:
        return f"better than {_named([each['name'] for each in answers])}", "good"
    return "", ""


def _named(names: Sequence[str]) -> str:
    return f"“{names[0]}”" if len(names) == 1 else many(len(names), "simpler answer")


def _beaten(values: Flat, answers: Sequence[dict[str, Any]]) -> Iterator[str]:
    for each in sorted(answers, key=lambda answer: answer["gain"]):
        if each["word"] != "better":
            how = "worse than" if each["word"] == "worse" else "surely no better than"
            yield f"{how} “{each['name']}”: {_compared(values, each)}"


def _compared(values: Flat, answer: dict[str, Any]) -> str:
    for score in _SCORES:
        ours, theirs = values.get(score), values.get(f"baselines.{answer['name']}.{score}")
        if is_number(ours) and is_number(theirs):
            return f"{score} {ours:.3g} against {theirs:.3g}"
    return f"{answer['gain']:+.3g}"


def _failed(test: dict[str, Any]) -> str:
    words = f"fails {test['name'].replace('_', ' ')}"
    value, bound, samples = test["value"], test["bound"], test["samples"]
    if not is_number(value):
        return words
    told = f"{value:.3g}"
    if test["name"] in _SHARES and is_number(samples) and 0 <= value <= 1:
        told = f"{round(value * samples)} of {samples:g} samples"
        bound = f"{bound:.0%}" if is_number(bound) else None
    asked = f"{bound:.3g}" if is_number(bound) else bound
    return f"{words}: {told}" + (f", at least {asked} was asked for" if asked is not None else "")
