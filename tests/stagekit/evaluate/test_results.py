from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from stagekit.evaluate.evaluation import Evaluation
from stagekit.evaluate.pictures import mistakes, overlay, overlays_figure
from stagekit.evaluate.ranking import main_mistake, ranked, typical, worst
from stagekit.evaluate.results import write_results
from stagekit.evaluate.slices import pet_size, slices
from stagekit.report.figures import png_bytes


def test_samples_rank_from_the_best_to_the_worst(evaluation: Evaluation) -> None:
    assert ranked(evaluation) == [0, 1, 2, 3, 4]
    assert worst(evaluation, 2) == [4, 3]


@pytest.mark.parametrize(
    ("count", "places"), [(1, [2]), (2, [1, 3]), (5, [0, 1, 2, 3, 4]), (9, [0, 1, 2, 3, 4])]
)
def test_typical_samples_are_spread_over_the_ranking(
    evaluation: Evaluation, count: int, places: list[int]
) -> None:
    assert typical(evaluation, count) == places


def test_the_main_mistake_is_the_commonest_confusion() -> None:
    assert (
        main_mistake(np.array([[50, 10, 0], [5, 30, 0], [0, 5, 0]]))
        == "10.0% of all pixels are pet taken for background"
    )
    assert main_mistake(np.diag([5, 5, 5])) == "no wrong pixel"


@pytest.mark.parametrize(
    ("pet", "border", "size"), [(0.05, 0.05, "small"), (0.2, 0.1, "medium"), (0.4, 0.1, "large")]
)
def test_sizes_count_pet_and_border(pet: float, border: float, size: str) -> None:
    assert pet_size({"class_shares": {"pet": pet, "border": border, "background": 1 - pet - border}}) == size


def test_slices_part_the_samples_and_hold_their_own_scores(evaluation: Evaluation) -> None:
    parts = slices(evaluation, 100, 1)
    for kind in ("species", "size"):
        assert sum(part.samples for part in parts if part.kind == kind) == len(evaluation.data)
    cats = next(part for part in parts if part.name == "cat")
    assert cats.interval[0] <= cats.scores.mean_iou <= cats.interval[1]


def test_metrics_have_the_headline_figures_at_the_top(evaluation: Evaluation, tmp_path: Path) -> None:
    write_results(tmp_path, evaluation, slices(evaluation, 100, 1))
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["mean_iou"] == evaluation.scores.mean_iou
    assert metrics["ece"] == evaluation.after.scores.ece
    assert {
        "mean_dice",
        "pixel_accuracy",
        "baselines",
        "slices",
        "confusion",
        "calibration",
    } <= metrics.keys()
    assert sum(sum(row.values()) for row in metrics["confusion"].values()) == evaluation.data.masks.size
    assert metrics["model"]["hyperparameters"]["learning_rate"] == 0.01


def test_the_table_has_a_row_a_sample_the_best_first(evaluation: Evaluation, tmp_path: Path) -> None:
    write_results(tmp_path, evaluation, ())
    with (tmp_path / "evaluation_result.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["id"] for row in rows] == list(evaluation.data.ids)
    assert float(rows[0]["mean_iou"]) == 1.0
    assert {row["species"] for row in rows} == {"cat", "dog"}


def test_an_overlay_tints_pet_and_border_and_leaves_the_background() -> None:
    image = np.full((2, 2, 3), 100, dtype=np.uint8)
    tinted = overlay(image, np.array([[0, 1], [2, 1]]))
    assert (tinted[0, 1] == 100).all()
    assert tinted[0, 0, 0] > 150
    assert tinted[1, 0, 0] > 200


def test_mistakes_are_in_colour_on_grey() -> None:
    shown = mistakes(np.full((2, 2, 3), 100, dtype=np.uint8), np.array([[True, False], [False, False]]))
    assert len(set(shown[0, 0].tolist())) == 3
    assert len(set(shown[0, 1].tolist())) == 1


def test_the_pictures_are_the_same_bytes_each_time(evaluation: Evaluation) -> None:
    first, second = (png_bytes(overlays_figure(evaluation, [0, 4])) for _ in range(2))
    assert first == second
