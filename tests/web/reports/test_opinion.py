from __future__ import annotations

import json
from typing import Any

import pytest

from calf.web.reports.decisions import read_decision
from calf.web.reports.documents import flatten
from calf.web.reports.limits import limit_doubts, limits
from calf.web.reports.opinion import opinion
from tests.web.reports.world import World

WORSE = {
    "mean_iou": 0.251,
    "baselines": {
        "colour model": {"mean_iou": 0.336, "gain": -0.085, "gain_low": -0.109, "gain_high": -0.057},
        "majority class": {"mean_iou": 0.25, "gain": 0.001, "gain_low": 0.0005, "gain_high": 0.0015},
    },
    "behaviour": {
        "tested": 2,
        "finds_the_pet": {"value": 0.0, "bound": 0.8, "ok": 0, "samples": 22},
        "flip": {"value": 0.9, "bound": 0.8, "ok": 1, "samples": 22},
        "blur": {"value": None, "bound": 1.0, "ok": None, "samples": 22},
    },
}


def values(document: Any) -> dict[str, Any]:
    return dict(flatten(document))


def test_a_model_that_a_simple_answer_beats_is_called_worse_with_the_figures_of_both() -> None:
    said = opinion(values(WORSE))
    assert (said["words"], said["mark"]) == ("worse than “colour model”", "bad")
    assert said["against"] == [
        "worse than “colour model”: mean_iou 0.251 against 0.336",
        "fails finds the pet: 0 of 22 samples, at least 80% was asked for",
    ]


@pytest.mark.parametrize(
    ("gain", "words", "mark"),
    [
        ({"gain": 0.1, "gain_low": 0.05, "gain_high": 0.2}, "better than “it”", "good"),
        ({"gain": 0.1, "gain_low": -0.05, "gain_high": 0.2}, "no better than “it”", "warn"),
        ({"gain": -0.1}, "worse than “it”", "bad"),
        ({"gain": "high"}, "", ""),
    ],
)
def test_a_gain_counts_only_where_its_whole_interval_does(gain: Any, words: str, mark: str) -> None:
    said = opinion(values({"baselines": {"it": gain}}))
    assert (said["words"], said["mark"]) == (words, mark)


def test_a_test_may_say_in_a_word_that_it_failed() -> None:
    said = opinion(values({"behaviour": {"flip": {"ok": False, "value": 0.5}, "shift": {"ok": True}}}))
    assert said["words"] == "fails 1 of 2 tests of behaviour"
    assert said["against"] == ["fails flip: 0.5"]


@pytest.mark.parametrize("value", [1e200, -1.0, 10**299, 2])
def test_a_share_that_is_none_is_told_as_it_is(value: Any) -> None:
    odd = {"behaviour": {"finds_the_pet": {"ok": 0, "value": value, "samples": 1e200}}}
    assert opinion(values(odd))["against"] == [f"fails finds the pet: {value:.3g}"]


@pytest.mark.parametrize("odd", [{"gain": 0.1}, {"gain": {"gain": "x"}}, {"": 1}])
def test_a_gain_over_nothing_says_nothing(odd: Any) -> None:
    assert opinion(values({"baselines": odd}))["words"] == ""


def test_a_document_of_other_names_says_nothing() -> None:
    assert opinion(values({"loss": 0.3, "behaviour": "odd", "baselines": [1]})) == {
        "words": "",
        "mark": "",
        "against": [],
    }


@pytest.mark.parametrize(
    ("name", "metric", "bound", "asks"),
    [
        ("at least", "mean_iou", 0.0, "asks nothing"),
        ("at least", "mean_iou", 0.3, "asks little: “colour model” has it too"),
        ("at least", "mean_iou", 0.34, ""),
        ("at least", "baselines.colour model.gain_low", 0.0, ""),
        ("at most", "ece", 1.0, "asks nothing"),
        ("at most", "ece", 0.1, ""),
        ("at most", "brier", 1.0, ""),
        ("at most", "calibration.after.brier", 2.0, "asks nothing"),
        ("at most", "behaviour.failed", 2, "asks nothing"),
        ("at most", "behaviour.failed", 1, ""),
    ],
)
def test_a_limit_that_any_model_would_hold_asks_nothing(
    name: str, metric: str, bound: float, asks: str
) -> None:
    check = {"name": name, "metric": metric, "value": 0.5, "bound": bound, "outcome": "passed"}
    (found,) = limits([check], values(WORSE))
    assert found["asks"] == asks
    assert found["spare"] == pytest.approx((0.5 - bound) * (1 if name == "at least" else -1))
    assert bool(list(limit_doubts([found]))) == bool(asks)


@pytest.mark.parametrize(
    ("metric", "value", "is_doubtful"),
    [
        ("mean_iou", 0.5, True),
        ("mean_iou", 1.0, False),
        ("behaviour.failed", 0, False),
        ("behaviour.failed", 1, True),
        ("odd", 0, True),
    ],
)
def test_a_limit_held_exactly_is_a_doubt_unless_nothing_could_be_better(
    metric: str, value: float, is_doubtful: bool
) -> None:
    check = {"name": "at_most", "metric": metric, "value": value, "bound": value, "passed": True}
    found = read_decision(json.dumps({"checks": [check]}))["doubts"]
    assert found == ([f"{metric} passed exactly at its limit, {value:g}"] if is_doubtful else [])


def test_what_the_report_says_stands_beside_each_decision(world: World) -> None:
    found = world.twin("/p/default/reports")["summary"]
    refused, accepted = world.twin("/p/default/releases")["rows"]
    listed = world.twin("/p/default/reports")["rows"]
    assert [row["says"] for row in listed] == [refused["says"], accepted["says"]]
    assert found["says"] == refused["says"]
    assert (refused["says"]["mark"], accepted["says"]["mark"]) == ("bad", "good")
    assert refused["says"]["against"] == ["worse than “colour model”: mean_iou 0.5 against 0.6"]
    assert found["doubts"][0] == refused["doubts"][0] == refused["says"]["against"][0]
    assert [(each["metric"], each["bound"], round(each["spare"], 3)) for each in accepted["limits"]] == [
        ("mean_iou", 0.6, 0.1)
    ]
    assert accepted["doubts"][0] == "the limit mean_iou at least 0.6 asks little: “colour model” has it too"
    for page in ("", "/reports", "/releases"):
        where = f"/p/default{page}" if page else "/p/default/summary"
        assert "worse than “colour model”" in world.shown(where), where
    for name, commit in (("reports/evaluate", world.sets[1]), ("releases/release", world.sets[1])):
        assert "worse than “colour model”" in world.shown(f"/p/default/{name}", commit=commit)
