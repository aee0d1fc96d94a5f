from __future__ import annotations

from typing import Any

import pytest

from stagekit.release.checks import Check
from stagekit.release.params import Limit, ReleaseParams
from stagekit.release.policy import decide

FIGURES = {
    "mean_iou": 0.66,
    "ece": 0.02,
    "classes": {"border": {"iou": 0.4}},
    "worst": float("nan"),
    "worst_slice": None,
    "flag": True,
}


def _decide(*limits: Limit, more: tuple[Check, ...] = ()) -> dict[str, Any]:
    params = ReleaseParams(
        v=2,
        seed=1,
        model_name="pets-unet",
        optimise="mean_iou",
        limits=limits,
        serve_image="calf/serve",
        storage_uri="s3://models",
    )
    return decide(FIGURES, "cafe", params, more).as_json()


def test_a_model_within_every_limit_is_accepted_with_its_reasons() -> None:
    told = _decide(Limit(metric="mean_iou", at_least=0.66), Limit(metric="ece", at_most=0.1))
    assert told["accepted"] is True
    assert told["reasons"] == [
        "mean_iou is 0.6600",
        "mean_iou 0.66 is at least 0.66",
        "ece 0.02 is at most 0.1",
    ]


def test_every_limit_that_fails_is_a_reason_and_none_of_those_that_hold() -> None:
    told = _decide(
        Limit(metric="mean_iou", at_least=0.7),
        Limit(metric="ece", at_most=0.1),
        Limit(metric="ece", at_least=0.5),
    )
    assert told["accepted"] is False
    assert told["reasons"] == ["mean_iou 0.66 is not at least 0.7", "ece 0.02 is not at least 0.5"]


def test_a_dotted_name_reads_a_nested_figure() -> None:
    assert _decide(Limit(metric="classes.border.iou", at_least=0.3))["accepted"] is True


@pytest.mark.parametrize("metric", ["mean_ious", "classes", "worst", "flag", "ece.mean"])
def test_a_figure_that_is_missing_or_no_number_refuses_rather_than_passes(metric: str) -> None:
    told = _decide(Limit(metric=metric, at_least=0.0))
    assert told["accepted"] is False
    assert f"no finite figure {metric!r}" in told["reasons"][0]


def test_a_missing_figure_names_the_nearest() -> None:
    assert "did you mean 'mean_iou'?" in _decide(Limit(metric="mean_ious", at_least=0.1))["reasons"][0]


def test_a_figure_that_evaluate_could_not_tell_refuses_and_says_so() -> None:
    (reason,) = _decide(Limit(metric="worst_slice.mean_iou", at_least=0.1))["reasons"]
    assert "evaluate could not tell it" in reason


def test_what_else_was_checked_counts_as_much_and_what_is_waived_is_named() -> None:
    waived = Check("clean", False, "waived: dirty: train", waived=True)
    told = _decide(more=(waived,))
    assert told["accepted"] is True
    assert told["waived"] == ["clean"]
    assert "waived: dirty: train" in told["reasons"]
    refused = _decide(more=(waived, Check("verified", False, "unverified: no proof")))
    assert refused["accepted"] is False
    assert refused["reasons"] == ["unverified: no proof"]
    assert refused["waived"] == ["clean"]
