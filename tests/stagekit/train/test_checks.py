from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stagekit.dataset import Dataset
from stagekit.errors import StageError
from stagekit.train.checks import check_data, check_model, check_start, require
from stagekit.train.fit import Trainer
from stagekit.train.params import TrainParams
from stagekit.train.run import train
from tests.stagekit.learning import with_hyperparameters

MASKS = np.random.default_rng(1).integers(0, 3, (2, 8, 8))


def logits(**kinds: Any) -> Any:
    made = np.random.default_rng(2).normal(0, kinds.get("spread", 0.05), (2, 8, 8, kinds.get("classes", 3)))
    return made.astype(np.float32)


def test_the_checks_pass_on_a_sound_start(trainer: Trainer, training: Dataset, tiny: TrainParams) -> None:
    checks = check_model(trainer, training, tiny)
    require(checks)
    assert [check.name for check in checks] == [
        "output shape",
        "output range",
        "loss at the start",
        "one batch can be overfitted",
    ]


def test_a_model_that_cannot_learn_fails_its_check(
    trainer: Trainer, training: Dataset, tiny: TrainParams
) -> None:
    with pytest.raises(StageError, match="one batch can be overfitted: loss"):
        require(check_model(trainer, training, with_hyperparameters(tiny, learning_rate=1e-9)))


def test_a_photo_in_two_splits_fails_the_check(split_folder: Path, training: Dataset, tmp_path: Path) -> None:
    leaking = tmp_path / "split"
    shutil.copytree(split_folder, leaking)
    stolen = next((leaking / "training").iterdir())
    shutil.copytree(stolen, leaking / "test" / "renamed_1")
    with pytest.raises(
        StageError, match=r"no leakage between splits: 1 shared \(renamed_1 in training and test\)"
    ):
        require(check_data({"training": training}, leaking))


def test_a_split_without_a_class_fails_the_check(split_folder: Path, training: Dataset) -> None:
    lacking = Dataset(training.ids, training.images, np.minimum(training.masks, 1), training.records)
    with pytest.raises(StageError, match="labels complete in training: 12 samples without border"):
        require(check_data({"training": lacking}, split_folder))


def failed(answers: Any) -> list[str]:
    return [check.name for check in check_start(answers, MASKS) if not check.passed]


def test_small_answers_of_the_right_shape_are_a_sound_start() -> None:
    assert failed(logits()) == []


def test_answers_of_another_shape_fail() -> None:
    assert failed(logits(classes=4)) == ["output shape", "loss at the start"]


def test_answers_that_are_no_numbers_fail() -> None:
    answers = logits()
    answers[0, 3, 3, 1] = np.nan
    assert failed(answers) == ["output range", "loss at the start"]


def test_a_start_that_is_sure_of_something_fails() -> None:
    with pytest.raises(StageError, match=r"loss at the start: \d.*, expected ln 3 = 1\.0986 within 0\.1"):
        require(check_start(logits(spread=3.0), MASKS))


def test_what_was_checked_is_written_when_a_check_stops_the_stage(
    split_folder: Path, pretrained: Path, tiny: TrainParams, tmp_path: Path
) -> None:
    leaking = tmp_path / "split"
    shutil.copytree(split_folder, leaking)
    stolen = next((leaking / "validation").iterdir())
    shutil.copytree(stolen, leaking / "training" / "copied_1")
    with pytest.raises(StageError, match="no leakage between splits"):
        train(leaking, pretrained.parent, tmp_path / "out", tiny)
    told = json.loads((tmp_path / "out" / "checks.json").read_text())
    assert {check["name"]: check["passed"] for check in told} == {
        "labels complete in training": True,
        "labels complete in validation": True,
        "no leakage between splits": False,
    }
