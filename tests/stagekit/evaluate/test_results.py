from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stagekit.evaluate.charts import slices_figure
from stagekit.evaluate.evaluation import Evaluation
from stagekit.evaluate.origin import origin
from stagekit.evaluate.pictures import mistakes, overlay, overlays_figure, strip_figure
from stagekit.evaluate.ranking import ranked, typical, worst
from stagekit.evaluate.results import metrics, write_results
from stagekit.evaluate.robustness import Changed, Robustness
from stagekit.evaluate.spread import Spread
from stagekit.metrics.segmentation import scores
from stagekit.release.figures import figure, names
from stagekit.release.known import what_is_wrong
from stagekit.report.figures import png_bytes
from stagekit.samples import CLASSES


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


def test_metrics_have_the_headline_figures_at_the_top(evaluation: Evaluation, tmp_path: Path) -> None:
    write_results(tmp_path, evaluation)
    found = json.loads((tmp_path / "metrics.json").read_text())
    assert found["mean_iou"] == evaluation.headline.scores.mean_iou
    assert found["ece"] == evaluation.after.scores.ece
    assert sum(sum(row.values()) for row in found["confusion"].values()) == evaluation.data.masks.size
    assert found["model"]["hyperparameters"]["learning_rate"] == 0.01


@pytest.mark.parametrize(
    "name",
    [
        "mean_dice",
        "pixel_accuracy",
        "iou.border",
        "boundary_iou.mean",
        "mean_iou_interval.low",
        "ece_interval.high",
        "calibration.before.class_ece.pet",
        "baselines.majority class.gain_low",
        "slices.species.cat.mean_iou",
        "worst_slice.mean_iou",
        "behaviour.failed",
        "behaviour.flip.value",
        "robustness.fgsm.2.retained",
        "robustness.blur.1.mean_iou",
        "cost.gmacs",
    ],
)
def test_a_policy_finds_each_documented_figure_by_its_dotted_name(evaluation: Evaluation, name: str) -> None:
    assert figure(json.loads(json.dumps(metrics(evaluation))), name) is not None


def test_the_origin_says_what_is_known_and_nothing_else() -> None:
    samples = {"samples": {"training": 336, "validation": 47}}
    told = origin({"encoder_start": "seeded"}, samples).sentences()
    assert told == (
        "It learned from 336 photos. 47 others chose its hyper-parameters and its epoch. "
        "Its encoder began with seeded random numbers."
    )
    assert origin({}, {}).sentences() == ""


def test_parts_that_are_switched_off_are_absent(evaluation: Evaluation) -> None:
    assert "spread" not in metrics(evaluation)
    bare = metrics(replace(evaluation, behaviour=(), robustness=Robustness((), ())))
    assert not {"behaviour", "robustness"} & bare.keys()
    with_spread = metrics(replace(evaluation, spread=Spread(3, 0.7, 0.01, 0.69, 0.71, 0.9)))
    assert with_spread["spread"]["members"] == 3


def test_a_policy_may_name_every_figure_there_is_and_no_other(evaluation: Evaluation) -> None:
    whole = replace(evaluation, spread=Spread(3, 0.7, 0.01, 0.69, 0.71, 0.9))
    assert [name for name in names(json.loads(json.dumps(metrics(whole)))) if what_is_wrong(name)] == []
    assert what_is_wrong("mean_iu") == "evaluate writes no figure 'mean_iu'; did you mean 'mean_iou'?"
    assert what_is_wrong("iou.cat")


def test_the_table_has_a_row_a_sample_the_best_first(evaluation: Evaluation, tmp_path: Path) -> None:
    write_results(tmp_path, evaluation)
    with (tmp_path / "evaluation_result.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["id"] for row in rows] == list(evaluation.data.ids)
    assert float(rows[0]["mean_iou"]) == 1.0
    assert {row["species"] for row in rows} == {"cat", "dog"}


def test_the_tables_pixel_counts_add_up_to_the_headline_score(evaluation: Evaluation, tmp_path: Path) -> None:
    write_results(tmp_path, evaluation)
    with (tmp_path / "evaluation_result.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    total = np.array(
        [[sum(int(row[f"pixels_{true}_{guess}"]) for row in rows) for guess in CLASSES] for true in CLASSES]
    )
    assert scores(total) == evaluation.headline.scores


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
    for draw in (overlays_figure, strip_figure):
        first, second = (png_bytes(draw(evaluation, [4])) for _ in range(2))
        assert first == second


def test_a_name_is_never_read_as_a_formula(evaluation: Evaluation) -> None:
    odd = r"a$\frac$b_1"
    data = replace(evaluation.data, ids=(odd, *evaluation.data.ids[1:]))
    parts = tuple(replace(part, name=odd) for part in evaluation.slices[:1])
    assert png_bytes(overlays_figure(replace(evaluation, data=data), [0]))
    assert png_bytes(slices_figure(evaluation, parts))


def test_of_a_score_of_nothing_nothing_is_left(evaluation: Evaluation) -> None:
    nothing = replace(evaluation.headline.scores, mean_iou=0.0)
    curve = (Changed(0, nothing), Changed(2, nothing))
    found = metrics(replace(evaluation, robustness=Robustness(curve, ())))
    assert found["robustness"] == {"fgsm": {"2": {"mean_iou": 0.0, "retained": 0.0, "border": None}}}
