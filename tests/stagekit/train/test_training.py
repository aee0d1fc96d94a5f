from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stagekit.canonical import tree_digests
from stagekit.dataset import Dataset
from stagekit.model.weights import get_weights, tensors_digest
from stagekit.train.fit import Epoch, Fit, Trainer
from stagekit.train.history import read_history
from stagekit.train.outcome import architecture_of, read_training, write_outcome
from stagekit.train.params import TrainParams
from stagekit.train.run import members_of
from tests.stagekit.learning import with_hyperparameters


@pytest.fixture(scope="module")
def fit_of(trainer: Trainer, training: Dataset, validation: Dataset) -> Callable[..., Fit]:
    def fit(params: TrainParams, on_epoch: Callable[[Epoch], None] = lambda _: None) -> Fit:
        return trainer.fit(training, validation, params, on_epoch)

    return fit


@pytest.fixture(scope="module")
def first(fit_of: Callable[..., Fit], tiny: TrainParams) -> Fit:
    return fit_of(tiny)


def test_training_again_gives_the_same_bits(
    fit_of: Callable[..., Fit], tiny: TrainParams, first: Fit
) -> None:
    again = fit_of(tiny)
    assert tensors_digest(again.tensors) == tensors_digest(first.tensors)
    assert again.history == first.history


def test_training_lowers_the_loss(first: Fit) -> None:
    assert first.history[-1].training_loss < first.history[0].training_loss


def test_the_best_epoch_is_kept_and_restored(
    trainer: Trainer, fit_of: Callable[..., Fit], tiny: TrainParams
) -> None:
    seen: dict[int, str] = {}
    fit = fit_of(tiny, lambda epoch: seen.update({epoch.number: tensors_digest(get_weights(trainer.model))}))
    assert fit.best.validation.mean_iou == max(epoch.validation.mean_iou for epoch in fit.history)
    assert tensors_digest(fit.tensors) == seen[fit.best.number]
    assert tensors_digest(get_weights(trainer.model)) == seen[fit.best.number]


def test_the_best_epoch_is_restored_where_the_last_one_is_worse(
    trainer: Trainer, training: Dataset, validation: Dataset, tiny: TrainParams
) -> None:
    """The better it learns, the worse it answers where pet and background are swapped."""
    swapped = Dataset(
        validation.ids, validation.images, np.array([1, 0, 2], np.uint8)[validation.masks], validation.records
    )
    seen: list[str] = []
    longer = tiny.model_copy(update={"epochs": 4, "patience": 4})
    fit = trainer.fit(
        training, swapped, longer, lambda _: seen.append(tensors_digest(get_weights(trainer.model)))
    )
    assert fit.best.number < len(fit.history) == 4
    assert fit.history[-1].validation.mean_iou < fit.best.validation.mean_iou
    assert tensors_digest(get_weights(trainer.model)) == seen[fit.best.number - 1] != seen[-1]


def test_another_seed_is_another_fit_and_leaves_the_first_as_it_was(
    fit_of: Callable[..., Fit], tiny: TrainParams, first: Fit
) -> None:
    (other,) = members_of(tiny.model_copy(update={"members": 1}))
    assert other.seed == tiny.seed + 1
    assert tensors_digest(fit_of(other).tensors) != tensors_digest(first.tensors)
    assert tensors_digest(fit_of(tiny).tensors) == tensors_digest(first.tensors)


def test_training_stops_when_nothing_gets_better(fit_of: Callable[..., Fit], tiny: TrainParams) -> None:
    hopeless = with_hyperparameters(tiny, learning_rate=1e-12)
    fit = fit_of(hopeless.model_copy(update={"epochs": 3, "patience": 1}))
    assert len(fit.history) == fit.best.number + 1 == 2


def test_a_fit_that_was_stopped_leaves_nothing_to_the_next(
    fit_of: Callable[..., Fit], tiny: TrainParams, first: Fit
) -> None:
    def stop(_epoch: Epoch) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_of(with_hyperparameters(tiny, learning_rate=0.05), stop)
    assert tensors_digest(fit_of(tiny).tensors) == tensors_digest(first.tensors)


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 0.005},
        {"encoder_rate": 0.5},
        {"dice_weight": 0.0},
        {"border_weight": 3.0},
        {"augmentation_strength": 0.0},
    ],
)
def test_every_hyper_parameter_reaches_the_training(
    fit_of: Callable[..., Fit], tiny: TrainParams, first: Fit, change: dict[str, float]
) -> None:
    short = with_hyperparameters(tiny, **change).model_copy(update={"epochs": 1})
    assert fit_of(short).history[0].training_loss != first.history[0].training_loss


def test_frozen_blocks_keep_their_weights_and_later_ones_move(
    trainer: Trainer, tiny: TrainParams, first: Fit
) -> None:
    trainer.reset(tiny.seed)
    start = get_weights(trainer.model)
    moved = {name for name, tensor in first.tensors.items() if (tensor != start[name]).any()}
    assert not [
        name
        for name in moved
        if name.startswith(("features.0.", "features.1.", "features.2.", "features.3."))
    ]
    assert "features.4.conv.0.0.kernel" in moved
    assert "decoder.0.up.kernel" in moved


def test_without_an_encoder_rate_the_encoder_stays(
    trainer: Trainer, fit_of: Callable[..., Fit], tiny: TrainParams
) -> None:
    fit = fit_of(with_hyperparameters(tiny, encoder_rate=0.0).model_copy(update={"epochs": 1}))
    trainer.reset(tiny.seed)
    start = get_weights(trainer.model)
    assert all((fit.tensors[name] == start[name]).all() for name in start if name.startswith("features."))


def test_what_a_fit_leaves_behind_repeats_and_can_be_read(
    first: Fit, tiny: TrainParams, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        write_outcome(tmp_path / name, first, architecture_of(tiny, 32), tiny)
    assert tree_digests(tmp_path / "a") == tree_digests(tmp_path / "b")
    assert read_training(tmp_path / "a" / "model") == (tiny, first.best.validation.mean_iou)
    rows: list[Any] = read_history(tmp_path / "a" / "history.csv")
    assert [row["best"] for row in rows].index(1.0) == first.best.number - 1
    assert [row["validation_mean_iou"] for row in rows] == [
        epoch.validation.mean_iou for epoch in first.history
    ]
