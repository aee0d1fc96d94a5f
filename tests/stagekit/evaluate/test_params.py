from __future__ import annotations

from pathlib import Path

import papermill
import pytest

from stagekit.config.block import migrate
from stagekit.config.errors import ConfigError
from stagekit.evaluate.params import EVALUATE, EvaluateParams, from_notebook

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "evaluate.ipynb"
OLD = {"v": 1, "seed": 3, "title": "T", "bins": 10, "resamples": 200, "overlays": 2, "worst": 3}


def test_version_1_is_stepped_up_with_everything_that_is_new_switched_on() -> None:
    params = migrate(EVALUATE, OLD, "here")
    assert (params.v, params.seed, params.worst) == (2, 3, 3)
    assert params.behaviour is not None
    assert params.epsilons
    assert not params.spread


def test_the_notebook_gets_back_the_parameters_that_it_was_given() -> None:
    params = migrate(EVALUATE, {**OLD, "v": 2, "epsilons": [2], "behaviour": None}, "here")
    assert from_notebook(**params.model_dump(mode="json", exclude={"v"})) == params


def test_bounds_of_behaviour_have_a_range() -> None:
    with pytest.raises(ConfigError, match=r"evaluate\.behaviour\.flip"):
        migrate(EVALUATE, {**OLD, "v": 2, "behaviour": {"flip": 1.5}}, "here")


def test_the_notebook_knows_exactly_the_parameters() -> None:
    known = papermill.inspect_notebook(str(NOTEBOOK))
    assert known.keys() == EvaluateParams.model_fields.keys() - {"v"}
