from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from stagekit.config.block import migrate
from stagekit.config.errors import ConfigError
from stagekit.train.params import TRAIN
from stagekit.tune.params import TUNE

TEMPLATES = Path(__file__).parents[3] / "pipelines" / "params"


def template(block: str) -> dict[str, Any]:
    values = yaml.safe_load((TEMPLATES / "base" / f"{block}.yaml").read_text(encoding="utf-8"))
    return {**values, "seed": 1}


def test_a_warm_up_as_long_as_the_training_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"train\.warmup_epochs: 5 leaves nothing of 5 epochs"):
        migrate(TRAIN, {**template("train"), "epochs": 5, "warmup_epochs": 5.0}, "train.yaml")


def test_reversed_bounds_of_the_search_are_refused() -> None:
    space = {"learning_rate": {"low": 0.01, "high": 0.001, "log": True}}
    with pytest.raises(ConfigError, match=r"tune\.space\.learning_rate\.low: 0\.01 is not below high"):
        migrate(TUNE, {**template("tune"), "space": space}, "tune.yaml")


def test_a_logarithmic_range_from_zero_is_refused() -> None:
    space = {"learning_rate": {"low": 0.0, "high": 0.001, "log": True}}
    with pytest.raises(ConfigError, match="no logarithm"):
        migrate(TUNE, {**template("tune"), "space": space}, "tune.yaml")


def test_an_empty_space_is_refused() -> None:
    with pytest.raises(ConfigError, match="the space is empty"):
        migrate(TUNE, {**template("tune"), "space": {}}, "tune.yaml")


def test_an_unknown_hyper_parameter_is_named_with_its_neighbour() -> None:
    space = {"learning_rat": {"low": 0.1, "high": 0.2}}
    with pytest.raises(ConfigError, match=r"learning_rat: unknown key; did you mean 'learning_rate'"):
        migrate(TUNE, {**template("tune"), "space": space}, "tune.yaml")


@pytest.mark.parametrize("epochs", [0, -3, 1.5, "8"])
def test_a_senseless_number_of_epochs_is_refused(epochs: object) -> None:
    with pytest.raises(ConfigError, match=r"train\.epochs"):
        migrate(TRAIN, {**template("train"), "epochs": epochs}, "train.yaml")
