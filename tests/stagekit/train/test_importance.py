from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from stagekit.dataset import Dataset
from stagekit.train.fit import Trainer
from stagekit.train.importance import Scoring, el2n, write_importance
from stagekit.train.params import TrainParams


def test_a_score_is_the_length_of_the_error_vector_over_the_pixels() -> None:
    masks = np.zeros((2, 4, 4), dtype=np.uint8)
    data = Dataset(("a", "b"), np.zeros((2, 4, 4, 3), dtype=np.uint8), masks, ({}, {}))
    sure = np.zeros((2, 4, 4, 3))
    sure[0, ..., 0], sure[1, ..., 1] = 50.0, 50.0
    assert el2n(lambda _: sure, data) == pytest.approx([0.0, 2**0.5])
    assert el2n(lambda _: sure * 0, data) == pytest.approx([(2 / 3) ** 0.5] * 2)


def test_wrongly_labelled_samples_are_found_at_the_top(
    trainer: Trainer, training: Dataset, validation: Dataset, tiny: TrainParams
) -> None:
    """The use of it on the sample: two of twelve masks have pet and background swapped."""
    masks = training.masks.copy()
    for place in (3, 8):
        masks[place] = np.array([1, 0, 2], np.uint8)[masks[place]]
    spoilt = Dataset(training.ids, training.images, masks, training.records)
    scoring = Scoring(trainer.predict, spoilt, (2, 3))
    trainer.fit(spoilt, validation, tiny, lambda epoch: scoring.after(epoch.number))
    hardest = np.argsort(-scoring.mean())[:2]
    assert set(hardest.tolist()) == {3, 8}


def test_the_table_has_the_hardest_first_and_equals_by_id(tmp_path: Path) -> None:
    write_importance(tmp_path / "importance.csv", ("b", "a", "c"), np.array([0.2, 0.2, 0.9]))
    with (tmp_path / "importance.csv").open(encoding="utf-8") as file:
        rows = [(row["id"], row["el2n"], row["rank"]) for row in csv.DictReader(file)]
    assert rows == [("c", "0.9", "1"), ("a", "0.2", "2"), ("b", "0.2", "3")]
