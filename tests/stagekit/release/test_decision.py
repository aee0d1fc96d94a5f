from __future__ import annotations

from typing import Any

import pytest

from stagekit.release.params import Limit, ReleaseParams, Serving
from stagekit.release.policy import decide

FIGURES = {
    "mean_iou": 0.66,
    "ece": 0.02,
    "classes": {"border": {"iou": 0.4}},
    "worst": float("nan"),
    "flag": True,
}


def _params(*limits: Limit, serving: Serving | None = None) -> ReleaseParams:
    return ReleaseParams(
        v=1,
        seed=1,
        model_name="pets-unet",
        optimise="mean_iou",
        limits=limits,
        serving=serving,
        serve_image="calf/serve",
        storage_uri="s3://models",
    )


def _decide(*limits: Limit, serving: Serving | None = None) -> dict[str, Any]:
    return decide(FIGURES, "cafe", _params(*limits, serving=serving)).as_json()


def test_a_model_within_every_limit_is_accepted_with_its_reasons() -> None:
    told = _decide(Limit(metric="mean_iou", at_least=0.66), Limit(metric="ece", at_most=0.1))
    assert told["accepted"] is True
    assert told["reasons"] == [
        "mean_iou is 0.66",
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


@pytest.mark.parametrize(("tolerance", "accepted"), [(0.0, False), (0.01, True)])
def test_a_model_that_is_worse_than_the_serving_one_is_refused(tolerance: float, accepted: bool) -> None:
    told = _decide(serving=Serving(model="beef", value=0.669, tolerance=tolerance))
    assert told["accepted"] is accepted
    assert "than 0.669 of the serving model beef" in told["checks"][-1]["reason"]


def test_the_serving_model_itself_is_accepted_again() -> None:
    told = _decide(serving=Serving(model="cafe", value=0.9))
    assert told["accepted"] is True
    assert "the model cafe is serving already" in told["reasons"]
