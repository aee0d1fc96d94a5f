from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from stagekit.config.block import migrate
from stagekit.config.errors import ConfigError
from stagekit.config.section import Section
from stagekit.model.architecture import ENCODERS
from stagekit.model.mobilenet_v2 import blocks
from stagekit.model.vgg19 import layers
from stagekit.train.params import BLOCKS, TRAIN, TrainParamsV1
from stagekit.tune.params import TUNE, TuneParamsV1

TEMPLATES = Path(__file__).parents[3] / "pipelines" / "params"


def template(block: str) -> dict[str, Any]:
    values = yaml.safe_load((TEMPLATES / "base" / f"{block}.yaml").read_text(encoding="utf-8"))
    return {**values, "seed": 1, "determinism": "default"}


def of_version_one(block: str, older: type[Section]) -> dict[str, Any]:
    return {**{name: value for name, value in template(block).items() if name in older.model_fields}, "v": 1}


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


def test_a_budget_below_one_trial_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"tune\.max_epochs: 3 is not one trial of 10; set it higher"):
        migrate(TUNE, {**template("tune"), "max_epochs": 3}, "tune.yaml")


def test_a_range_test_without_a_climb_is_refused() -> None:
    climb = {"steps": 50, "low": 0.01, "high": 0.05}
    with pytest.raises(ConfigError, match=r"tune\.range_test\.low: 0\.01 to 0\.05 is no tenfold climb"):
        migrate(TUNE, {**template("tune"), "range_test": climb}, "tune.yaml")


def test_a_budget_of_version_one_is_that_of_its_trials() -> None:
    old = of_version_one("tune", TuneParamsV1)
    params = migrate(TUNE, {**old, "trials": 7, "trial_epochs": 3}, "tune.yaml")
    assert (params.max_epochs, params.range_test) == (21, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder": "vgg19", "frozen_blocks": 6}, r"train\.frozen_blocks: vgg19 has 5 blocks"),
        ({"encoder_weights": "seeded"}, r"train\.frozen_blocks: blocks of random numbers learn nothing"),
        ({"importance": {"epochs": [12]}}, r"train\.importance: training may stop after epoch 11"),
        ({"encoder": "resnet"}, r"train\.encoder: "),
    ],
)
def test_parameters_that_do_not_go_together_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        migrate(TRAIN, {**template("train"), **changes}, "train.yaml")


def test_a_training_of_version_one_was_always_pretrained() -> None:
    params = migrate(TRAIN, of_version_one("train", TrainParamsV1), "train.yaml")
    assert (params.encoder_weights, params.members, params.importance) == ("pretrained", 0, None)


def test_blocks_that_can_be_frozen_are_those_of_the_encoders() -> None:
    assert max(block.index for block in blocks()) == BLOCKS["mobilenet_v2"]
    assert len(layers()) == BLOCKS["vgg19"]
    assert set(ENCODERS) == set(BLOCKS)


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
