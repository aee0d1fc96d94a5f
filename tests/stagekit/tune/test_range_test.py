from __future__ import annotations

from itertools import pairwise

import pytest

from stagekit.dataset import Dataset
from stagekit.train.fit import Trainer
from stagekit.train.params import TrainParams
from stagekit.tune.params import RangeTest
from stagekit.tune.range_test import LOST, Step, climb, suggestion
from tests.stagekit.learning import with_hyperparameters

TEST = RangeTest(steps=24, low=1e-5, high=10.0)


@pytest.fixture(scope="module")
def timid(tiny: TrainParams) -> TrainParams:
    """A baseline whose learning rate is far too low."""
    return with_hyperparameters(tiny, learning_rate=1e-5)


@pytest.fixture(scope="module")
def climbed(trainer: Trainer, training: Dataset, timid: TrainParams) -> tuple[Step, ...]:
    return climb(trainer, training, timid, TEST)


def test_the_rate_climbs_evenly_until_training_is_lost(climbed: tuple[Step, ...]) -> None:
    ratios = [later.rate / earlier.rate for earlier, later in pairwise(climbed)]
    assert ratios == pytest.approx([10.0 ** (6 / 23)] * len(ratios))
    assert climbed[0].rate == 1e-5
    lowest = min(step.smoothed for step in climbed)
    assert all(step.smoothed <= LOST * lowest for step in climbed[:-1])


def test_climbing_again_gives_the_same_losses(
    trainer: Trainer, training: Dataset, timid: TrainParams, climbed: tuple[Step, ...]
) -> None:
    assert climb(trainer, training, timid, TEST) == climbed


def test_the_suggested_rate_helps_a_baseline_that_is_too_timid(
    trainer: Trainer, training: Dataset, validation: Dataset, timid: TrainParams, climbed: tuple[Step, ...]
) -> None:
    """The use of it on the sample: the same epochs, at the baseline's rate and at the suggested one."""
    bold = with_hyperparameters(timid, learning_rate=suggestion(climbed))
    before, after = (
        trainer.fit(training, validation, params, lambda _: None).best for params in (timid, bold)
    )
    assert after.validation_loss < 0.9 * before.validation_loss
    assert after.validation.mean_iou > before.validation.mean_iou
