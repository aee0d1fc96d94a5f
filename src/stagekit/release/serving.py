"""The release that is serving, and what a model is against it.

The input `serving` holds a copy of the output of release (`pachctl copy file`), so what serves is versioned
data like everything else. Where both models were asked about the same photos, the interval of the difference
decides (a paired bootstrap: whole photos are drawn again, the same ones for both): a model must surely not be
worse by more than the tolerance. That its one figure is as high is not enough, or each of many releases could
be a little worse than the last, and luck would hide it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.errors import StageError
from stagekit.release.checks import Check
from stagekit.release.figures import figure, read_figures
from stagekit.release.paired import LEVEL, SCORES, Counts, paired_interval
from stagekit.release.params import ReleaseParams
from stagekit.samples import CLASSES

RESULTS = "evaluation_result.csv"
METRICS = "metrics.json"
_COUNTS = [f"pixels_{true}_{guess}" for true in CLASSES for guess in CLASSES]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What evaluate says of a model: its figures, and the counts of each photo where they are told."""

    model: str
    figures: Mapping[str, Any]
    photos: Mapping[str, Counts]


def compare(candidate: Candidate, serving: Path | None, params: ReleaseParams) -> Check:
    """Hold the candidate against the release in the folder `serving`; None or an empty one: none serves."""
    if serving is None or not (serving / "decision.json").is_file():
        return Check("serving", True, "no release is serving, so there is none to be worse than")
    other = read_serving(serving)
    name = params.optimise
    if other.model == candidate.model:
        return Check("serving", True, f"the model {other.model} is serving already", name)
    ours, theirs = figure(candidate.figures, name), figure(other.figures, name)
    if ours is None or theirs is None:
        return Check("serving", False, f"no figure {name!r} to compare with the serving release by", name)
    gap = _interval(candidate, other, params)
    lowest, tolerance = gap[0] if gap else ours - theirs, params.comparison.tolerance
    passed = lowest >= -tolerance
    verdict = "is not" if passed else "may be" if gap else "is"
    reason = (
        f"{name} {ours:.4f} {verdict} more than {tolerance:g} below the {theirs:.4f} of the serving model "
        f"{other.model}: {_compared(gap, ours - theirs, len(other.photos))}"
    )
    return Check("serving", passed, reason, f"gain in {name}", lowest, -tolerance)


def read_serving(folder: Path) -> Candidate:
    """Read what serves. Raises `StageError` when the folder holds no accepted release."""
    path = folder / "decision.json"
    try:
        decision = json.loads(path.read_text(encoding="utf-8"))
        model, accepted = str(decision["model"]), bool(decision["accepted"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StageError(
            f"{path}: no decision of a release ({error!r}); copy release's output there"
        ) from error
    if not accepted:
        raise StageError(f"{path}: that release was refused; copy an accepted one into the repo serving")
    return read_candidate(model, folder / "model")


def read_candidate(model: str, folder: Path) -> Candidate:
    """Read the figures of a model, and the counts of each photo if the table has them."""
    return Candidate(model, read_figures(folder / METRICS), _read_photos(folder / RESULTS))


def _read_photos(path: Path) -> dict[str, Counts]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        if not {"id", *_COUNTS} <= set(rows.fieldnames or ()):
            return {}
        try:
            return {row["id"]: tuple(int(row[name]) for name in _COUNTS) for row in rows}
        except (TypeError, ValueError) as error:
            raise StageError(f"{path}: pixel counts must be whole numbers ({error})") from error


def _interval(candidate: Candidate, other: Candidate, params: ReleaseParams) -> tuple[float, float] | None:
    """Give the interval of the difference; None where the photos are not the same."""
    if not _same_photos(candidate.photos, other.photos):
        return None
    pairs = [(candidate.photos[photo], other.photos[photo]) for photo in sorted(candidate.photos)]
    score = SCORES[params.optimise]
    return paired_interval(pairs, score, params.comparison.resamples, params.seed)


def _compared(gap: tuple[float, float] | None, difference: float, photos: int) -> str:
    if gap is None:
        return (
            f"the difference is {difference:+.4f}; they were evaluated on different photos, so this has no "
            "interval and is only roughly comparable"
        )
    low, high = gap
    return f"on the same {photos} photos the difference is {low:+.4f} to {high:+.4f} ({LEVEL:.0%} interval)"


def _same_photos(ours: Mapping[str, Counts], theirs: Mapping[str, Counts]) -> bool:
    """Tell whether both tables are about the same photos with the same truth."""
    return bool(ours) and {photo: _truth(own) for photo, own in ours.items()} == {
        photo: _truth(other) for photo, other in theirs.items()
    }


def _truth(counts: Counts) -> tuple[int, ...]:
    size = len(CLASSES)
    return tuple(sum(counts[size * row : size * (row + 1)]) for row in range(size))
