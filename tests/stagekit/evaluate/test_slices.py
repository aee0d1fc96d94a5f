from __future__ import annotations

from dataclasses import replace

import pytest

from stagekit.evaluate.charts import slices_figure
from stagekit.evaluate.evaluation import Evaluation
from stagekit.evaluate.results import metrics
from stagekit.evaluate.slices import pet_size, slices, worst_slice
from stagekit.evaluate.tables import slices_table
from stagekit.report.figures import png_bytes


@pytest.mark.parametrize(
    ("pet", "border", "size"), [(0.05, 0.05, "small"), (0.2, 0.1, "medium"), (0.4, 0.1, "large")]
)
def test_sizes_count_pet_and_border(pet: float, border: float, size: str) -> None:
    assert pet_size({"class_shares": {"pet": pet, "border": border, "background": 1 - pet - border}}) == size


def test_each_kind_parts_the_samples_and_slices_hold_their_own_scores(evaluation: Evaluation) -> None:
    for kind in ("species", "size", "breed"):
        assert sum(part.samples for part in evaluation.slices if part.kind == kind) == len(evaluation.data)
    cats = next(part for part in evaluation.slices if part.name == "cat")
    assert cats.interval[0] <= cats.scores.mean_iou <= cats.interval[1]


def test_the_worst_slice_has_enough_photos_however_low_a_smaller_one_is(evaluation: Evaluation) -> None:
    parts = evaluation.slices
    lowest = min(parts, key=lambda part: part.scores.mean_iou)
    small = tuple(replace(part, enough=part is not lowest) for part in parts)
    found = worst_slice(small)
    assert found is not None
    assert found.scores.mean_iou >= lowest.scores.mean_iou
    assert (found.kind, found.name) != (lowest.kind, lowest.name)


def test_without_a_slice_of_enough_photos_there_is_no_worst(evaluation: Evaluation) -> None:
    parts = slices(evaluation.data.records, evaluation.answers.matrices, 100, 100, 1)
    assert metrics(replace(evaluation, slices=parts))["worst_slice"] is None


def test_small_slices_are_grey_and_say_so(evaluation: Evaluation) -> None:
    some = tuple(replace(part, enough=part.kind == "species") for part in evaluation.slices)
    table = slices_table(some)
    assert table.count('<tr class="muted">') == sum(part.kind != "species" for part in some)
    assert "too few to judge" in table
    assert "too few" not in slices_table([part for part in some if part.enough])
    assert png_bytes(slices_figure(evaluation, some)) == png_bytes(slices_figure(evaluation, some))
