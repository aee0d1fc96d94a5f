"""Documents of stages, which may be anything, as figures."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calf.web.reports.documents import flatten
from calf.web.reports.figures import apart, best, compared, direction, headlines, interval
from calf.web.reports.runs import GONE, given_and_chosen
from calf.web.reports.samples import last_rows
from calf.web.reports.weakest import weakest

TEXTS = st.text(st.characters(), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


# how long an example takes says how busy the machine is
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_any_document_becomes_values_that_json_can_say(document: object) -> None:
    flat = dict(flatten(document))
    json.dumps(flat, allow_nan=False, ensure_ascii=False).encode()
    for name in headlines(flat):
        interval(flat, name)


def test_a_deep_document_does_not_end_it() -> None:
    document: object = 1
    for _ in range(100_000):
        document = [document]
    assert len(list(flatten(document))) <= 1


def test_endless_names_cost_no_memory() -> None:
    document = {"x" * 100_000: [0] * 100_000, "a": {"b": 1}}
    tracemalloc.start()
    flat = dict(flatten(document))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert flat == {"a.b": 1}
    assert most < 1 << 26


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("mean_iou", "higher is better"),
        ("validation.loss", "lower is better"),
        ("boundary_iou.mean", "higher is better"),
        ("cost.gmacs", "lower is better"),
        ("epochs", ""),
    ],
)
def test_a_name_says_which_way_is_good(name: str, way: str) -> None:
    assert direction(name) == way


@pytest.mark.parametrize(
    "value",
    [10**4000, -(10**400), float("nan"), float("inf"), "\ud800", {}, []],
    ids=["huge", "tiny", "nan", "inf", "half", "empty", "none"],
)
def test_no_value_of_a_document_breaks_a_page(value: object) -> None:
    flat = dict(flatten({"mean_iou": value}))
    assert flat.get("mean_iou") in (None, "?")


def test_intervals_are_found_in_each_of_their_forms() -> None:
    flat = {
        "mean_iou": 0.5, "mean_iou_interval.low": 0.4, "mean_iou_interval.high": 0.6,
        "b.gain": 1, "b.gain_low": 0, "b.gain_high": 2,
        "slice.mean_iou": 0.2, "slice.low": 0.1, "slice.high": 0.3,
        "edge.mean": 0.7, "edge_interval.low": 0.6, "edge_interval.high": 0.8,
        "slice.samples": 12,
    }  # fmt: skip
    assert interval(flat, "mean_iou") == (0.4, 0.6)
    assert interval(flat, "b.gain") == (0, 2)
    assert interval(flat, "slice.mean_iou") == (0.1, 0.3)
    assert interval(flat, "edge.mean") == (0.6, 0.8)
    assert interval(flat, "slice.samples") is None


def test_what_is_best_and_better_depends_on_the_figure() -> None:
    assert best("ece", {"a": 0.1, "b": 0.2}) == {"a"}
    assert best("mean_iou", {"a": 0.1, "b": 0.2}) == {"b"}
    assert best("mean_iou", {"a": 0.1, "b": 0.1}) == set()
    assert best("epochs", {"a": 1, "b": 2}) == set()
    assert (compared("ece", 0.2, 0.1), compared("iou", 0.2, 0.1), compared("epochs", 1, 2)) == (
        "better",
        "worse",
        "",
    )


@pytest.mark.parametrize(
    "text",
    ["", "\n\n\n", "\nid,mean_iou", "id,mean_iou\n", "id\n" + "x" * 200_000, 'id\n"open', "id\n\0"],
    ids=["nothing", "blank", "headless", "rowless", "endless", "open", "nul"],
)
def test_a_table_of_samples_that_is_none_breaks_nothing(text: str) -> None:
    for row in last_rows(text):
        assert row["value"] is None
        assert len(row["name"]) <= 200


def test_the_last_rows_of_a_table_of_samples_are_the_worst() -> None:
    rows = last_rows("id,mean_iou,size\na,0.9,big\nb,0.8,big\nc,0.5,\nd,nan,small,more\n")
    assert [(row["name"], row["value"], row["about"]) for row in rows] == [
        ("d", None, "small"),
        ("c", 0.5, ""),
        ("b", 0.8, "big"),
    ]


def test_values_that_a_search_chose_take_the_place_of_those_with_their_last_name() -> None:
    given = {"params:/train.yaml": {"hyper.rate": 0.1, "epochs": 3}}
    rate, other = given_and_chosen(given, {"tune:/best.json": {"rate": 0.2, "other": 1}})
    assert (rate["given"], rate["given_in"], rate["value"]) == (0.1, "params:/train.yaml", 0.2)
    assert (other["given"], other["given_in"]) == (GONE, "")


def test_intervals_that_share_nothing_are_apart() -> None:
    old = {"a": 0.8, "a_low": 0.7, "a_high": 0.9, "b": 1}
    new = {"a": 0.5, "a_low": 0.4, "a_high": 0.6, "b": 1}
    assert apart(old, new, "a") is True
    assert apart(old, old, "a") is False
    assert apart(old, new, "b") is None


def test_the_weakest_part_may_have_any_name_and_samples_that_are_no_number() -> None:
    parts = {"St. Bernard": {"mean_iou": 0.2, "samples": "many"}, "pug": {"mean_iou": 0.3, "samples": 9}}
    found = weakest(dict(flatten({"slices": {"breed": parts, "mean_iou": 0.1}})))["slices"]
    assert [(each["kind"], each["name"], each["samples"]) for each in found] == [
        ("breed", "St. Bernard", None),  # a page counts them
        ("breed", "pug", 9),
    ]


def test_the_lowest_part_is_a_failure_only_where_its_whole_interval_is_below_the_score_of_all() -> None:
    def below(**part: float) -> object:
        values = {"mean_iou": 0.8, "slices": {"species": {"cat": {"mean_iou": 0.7, **part}}}}
        return weakest(dict(flatten(values)))["slices"][0]["below"]

    assert (below(low=0.6, high=0.79), below(low=0.6, high=0.81), below()) == (True, False, None)


def test_the_disturbance_that_leaves_least_is_named() -> None:
    left = {
        "blur": {"1": {"retained": 0.9}, "4": {"retained": 0.3, "mean_iou": 0.1}},
        "fgsm": {"8": {"retained": 0.6}},
    }
    assert weakest(dict(flatten({"robustness": left})))["disturbed"] == {"name": "blur 4", "value": 0.3}
    assert weakest({})["disturbed"] is None
