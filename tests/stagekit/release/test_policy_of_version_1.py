"""Policies of before there were proofs."""

from __future__ import annotations

import pytest

from stagekit.config.block import migrate
from stagekit.config.errors import ConfigError
from stagekit.release.params import RELEASE, Required

OLD = {
    "v": 1,
    "seed": 1,
    "model_name": "pets-unet",
    "optimise": "mean_iou",
    "limits": [{"metric": "mean_iou", "at_least": 0.5}],
    "serving": None,
    "serve_image": "calf/serve",
    "storage_uri": "s3://models",
}


def test_an_old_policy_asks_for_all_evidence_from_now_on() -> None:
    params = migrate(RELEASE, OLD, "release.yaml")
    assert params.require == Required(verified=True, reproduced=True, clean=True)
    assert params.limits[0].at_least == 0.5


def test_a_serving_release_given_by_value_cannot_migrate_and_says_where_it_belongs() -> None:
    old = {**OLD, "serving": {"model": "cafe", "value": 0.6}}
    with pytest.raises(
        ConfigError, match=r"release\.serving \(v 1\).*repo serving.*set release\.serving=null"
    ):
        migrate(RELEASE, old, "release.yaml")
