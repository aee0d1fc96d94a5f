"""A model against the release that is serving."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from stagekit.canonical import write_csv, write_json
from stagekit.errors import StageError
from stagekit.metrics.segmentation import scores
from stagekit.release.checks import Check
from stagekit.release.paired import SCORES, Counts, paired_interval
from stagekit.release.params import Comparison, ReleaseParams
from stagekit.release.serving import Candidate, compare, read_candidate
from stagekit.samples import CLASSES

COLUMNS = [f"pixels_{true}_{guess}" for true, guess in itertools.product(CLASSES, CLASSES)]
Photos = dict[str, Counts]
GOOD: Counts = (90, 5, 5, 5, 90, 5, 5, 5, 90)
BAD: Counts = (80, 10, 10, 5, 90, 5, 5, 5, 90)


@pytest.fixture
def against(tmp_path: Path, make_params: Callable[..., ReleaseParams]) -> Callable[..., Check]:
    """Compare a candidate (model `cafe`) with what serves."""

    def run(
        ours: Photos,
        theirs: Photos,
        *,
        values: Sequence[float] = (0.66, 0.66),
        tolerance: float = 0.0,
        model: str = "beef",
        accepted: bool = True,
    ) -> Check:
        write_json(tmp_path / "serving" / "decision.json", {"model": model, "accepted": accepted})
        write_json(tmp_path / "serving" / "model" / "metrics.json", {"mean_iou": values[1]})
        rows = [(photo, *counts) for photo, counts in theirs.items()]
        write_csv(tmp_path / "serving" / "model" / "evaluation_result.csv", ("id", *COLUMNS), rows)
        params = make_params().model_copy(
            update={"comparison": Comparison(tolerance=tolerance, resamples=100)}
        )
        return compare(Candidate("cafe", {"mean_iou": values[0]}, ours), tmp_path / "serving", params)

    return run


def test_when_nothing_serves_there_is_nothing_to_be_worse_than(
    tmp_path: Path, make_params: Callable[..., ReleaseParams]
) -> None:
    for serving in (None, tmp_path):
        check = compare(Candidate("cafe", {}, {}), serving, make_params())
        assert check.passed
        assert "no release is serving" in check.reason


@pytest.mark.parametrize(("tolerance", "passed"), [(0.0, False), (0.01, True)])
def test_a_model_that_is_worse_by_more_than_the_tolerance_is_refused(
    against: Callable[..., Check], tolerance: float, passed: bool
) -> None:
    check = against({}, {}, values=(0.66, 0.669), tolerance=tolerance)
    assert check.passed is passed
    assert "0.6690 of the serving model beef" in check.reason
    assert "different photos" in check.reason


def test_the_serving_model_itself_passes_whatever_its_figures(against: Callable[..., Check]) -> None:
    check = against({}, {}, values=(0.1, 0.9), model="cafe")
    assert check.passed
    assert "is serving already" in check.reason


def test_on_the_same_photos_the_difference_has_an_interval(against: Callable[..., Check]) -> None:
    same = against({"a": GOOD, "b": GOOD}, {"b": GOOD, "a": GOOD})
    assert same.passed
    assert "on the same 2 photos the difference is +0.0000 to +0.0000 (95% interval)" in same.reason
    worse = against({"a": BAD, "b": BAD}, {"a": GOOD, "b": GOOD})
    assert not worse.passed
    assert "the difference is -0.0" in worse.reason
    assert "different photos" in against({"a": GOOD}, {"b": GOOD}).reason


def test_a_model_that_may_be_worse_on_other_photos_is_refused_though_its_figure_is_higher(
    against: Callable[..., Check],
) -> None:
    """Better on six photos of ten, worse on four: with others it could as well be the other way round."""
    ours = {str(number): GOOD if number < 6 else BAD for number in range(10)}
    theirs = {str(number): BAD if number < 6 else GOOD for number in range(10)}
    check = against(ours, theirs, values=(0.67, 0.66))
    assert not check.passed
    assert "0.6700 may be more than 0 below the 0.6600 of the serving model" in check.reason
    assert check.value is not None
    assert check.value < 0
    assert against(ours, theirs, values=(0.67, 0.66), tolerance=0.1).passed


def test_the_same_photos_with_another_truth_are_others(against: Callable[..., Check]) -> None:
    assert "different photos" in against({"a": GOOD}, {"a": (91, 5, 5, 5, 90, 5, 5, 5, 90)}).reason


@pytest.mark.parametrize("row", ["a,1,2", "a,1,2,3,4,5,6,7,8,many"])
def test_a_table_of_counts_that_is_cut_or_holds_words_is_named(tmp_path: Path, row: str) -> None:
    write_json(tmp_path / "metrics.json", {})
    (tmp_path / "evaluation_result.csv").write_text(f"id,{','.join(COLUMNS)}\n{row}\n")
    with pytest.raises(StageError, match=r"evaluation_result\.csv: pixel counts must be whole numbers"):
        read_candidate("cafe", tmp_path)


def test_a_refused_release_cannot_be_what_serves(against: Callable[..., Check]) -> None:
    with pytest.raises(StageError, match="that release was refused"):
        against({}, {}, accepted=False)


def test_scores_from_counts_are_those_that_evaluate_gives() -> None:
    generator = random.Random(3)
    for zero in (None, 0, 1, 2):
        matrix = np.array([[generator.randrange(1, 99) for _ in CLASSES] for _ in CLASSES])
        if zero is not None:
            matrix[zero, :] = 0
        theirs = scores(matrix)
        counts = tuple(int(count) for count in matrix.reshape(-1))
        for name, score in SCORES.items():
            assert score(counts) == pytest.approx(getattr(theirs, name))


def test_the_interval_of_a_clear_difference_leaves_zero_out_and_is_the_same_every_time() -> None:
    pairs = [(GOOD, BAD)] * 20 + [(BAD, GOOD)] * 2
    low, high = paired_interval(pairs, SCORES["mean_iou"], 200, seed=1)
    assert 0 < low < high
    assert (low, high) == paired_interval(pairs, SCORES["mean_iou"], 200, seed=1)
