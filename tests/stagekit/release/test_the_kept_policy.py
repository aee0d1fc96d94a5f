"""The policy that comes with the pipeline asks for what docs/ml-test-score.md counts on."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagekit.config.block import migrate
from stagekit.config.compose import Choice
from stagekit.config.resolve import resolve
from stagekit.parameters import all_blocks
from stagekit.release.params import RELEASE, ReleaseParams

TEMPLATES = Path(__file__).parents[3] / "pipelines" / "params"
AT_LEAST = {
    "mean_iou",
    "worst_slice.mean_iou",
    "baselines.majority class.gain_low",
}
AT_MOST = {"ece", "behaviour.failed", "cost.gmacs"}


def policy(profile: str) -> ReleaseParams:
    blocks = resolve(Choice(TEMPLATES, profile), all_blocks()).blocks
    return migrate(RELEASE, blocks["release"], profile)


@pytest.mark.parametrize("profile", ["quick", "full"])
def test_slices_simple_answers_behaviour_and_cost_have_a_limit(profile: str) -> None:
    limits = policy(profile).limits
    assert {limit.metric for limit in limits if limit.at_least is not None} >= AT_LEAST
    assert {limit.metric for limit in limits if limit.at_most is not None} >= AT_MOST


def test_one_limit_of_a_list_is_set_by_its_place() -> None:
    choice = Choice(
        TEMPLATES, "quick", overrides=("release.limits[0].at_least=0.75", "release.limits.1.at_least=0.7")
    )
    limits = resolve(choice, all_blocks()).blocks["release"]["limits"]
    assert [(each["metric"], each["at_least"]) for each in limits[:2]] == [
        ("mean_iou", 0.75),
        ("worst_slice.mean_iou", 0.7),
    ]


def test_a_full_release_is_surely_better_than_colours_alone() -> None:
    (limit,) = (each for each in policy("full").limits if each.metric == "baselines.colour model.gain_low")
    assert limit.at_least is not None
    assert limit.at_least > 0


def test_a_full_release_waives_no_evidence() -> None:
    required = policy("full").require
    assert (required.verified, required.reproduced, required.clean) == (True, True, True)
