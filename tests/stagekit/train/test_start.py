"""What a training starts from, and that it says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stagekit.dataset import Dataset
from stagekit.errors import StageError
from stagekit.train.fit import Trainer
from stagekit.train.outcome import architecture_of, write_model
from stagekit.train.params import TrainParams
from stagekit.train.run import print_start
from tests.stagekit.learning import SIZE


def started(params: TrainParams, weights: Path) -> Trainer:
    return Trainer(architecture_of(params, SIZE), params, weights)


def test_frozen_blocks_without_weights_are_refused(tiny: TrainParams, tmp_path: Path) -> None:
    anything = tiny.model_copy(update={"encoder_weights": "auto"})
    with pytest.raises(StageError, match=r"no mobilenet_v2\.safetensors, and train\.frozen_blocks=3 would"):
        started(anything, tmp_path)


@pytest.mark.parametrize(
    ("asked", "told"), [("auto", "weights holds no mobilenet_v2"), ("seeded", "train.encoder_weights=seeded")]
)
def test_the_log_says_that_the_encoder_starts_from_random_numbers(
    tiny: TrainParams, tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: str, told: str
) -> None:
    params = tiny.model_copy(update={"encoder_weights": asked, "frozen_blocks": 0})
    trainer = started(params, tmp_path)
    print_start(trainer, params)
    assert f"encoder mobilenet_v2 starts from seeded random numbers: {told}" in capsys.readouterr().out
    assert not trainer.pretrained


def test_the_model_says_that_its_encoder_was_pretrained(
    trainer: Trainer, training: Dataset, validation: Dataset, tiny: TrainParams, tmp_path: Path
) -> None:
    fit = trainer.fit(training, validation, tiny.model_copy(update={"epochs": 1}), lambda _: None)
    write_model(tmp_path, fit, architecture_of(tiny, SIZE), tiny)
    assert json.loads((tmp_path / "training.json").read_text())["encoder_start"] == "pretrained"
