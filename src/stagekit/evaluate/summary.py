"""The report in a few sentences: strong and weak points, each one computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stagekit.evaluate.baselines import TRAINED, Baseline
from stagekit.evaluate.behaviour import FOUND
from stagekit.evaluate.evaluation import Evaluation
from stagekit.evaluate.robustness import Changed, retained
from stagekit.metrics.segmentation import scores
from stagekit.samples import CLASSES

ROBUST_SHARE = 0.9
"""Of its mean IoU a robust model keeps at least this share under the weakest change."""

CALIBRATED = 0.02
"""A calibration error up to this is small, even if it was smaller before calibration."""


@dataclass(frozen=True, slots=True)
class Point:
    """A sentence of the summary, its topic, and the heading of the section that shows it; `good` or weak."""

    good: bool
    topic: str
    text: str
    section: str


def points(evaluation: Evaluation) -> tuple[Point, ...]:
    """Give all points, in the order of the report."""
    return (
        *_baselines(evaluation),
        *_classes(evaluation),
        *_slices(evaluation),
        *_confidence(evaluation),
        *_behaviour(evaluation),
        *_robustness(evaluation),
        *_missed(evaluation),
    )


def _baselines(evaluation: Evaluation) -> Iterator[Point]:
    """Compare with the best of the simple answers, and with train's model unless it is the same one."""
    simple = [other for other in evaluation.baselines if other.name != TRAINED]
    best = sorted(simple, key=lambda other: (-other.scores.mean_iou, other.name))[:1]
    for other in (*best, *(other for other in evaluation.baselines if other.name == TRAINED)):
        if other.scores == evaluation.headline.scores:
            continue
        low, high = other.interval
        verdict = "better than" if low > 0 else "worse than" if high < 0 else "not distinguishable from"
        name = other.name if other.name == TRAINED else f"the {other.name}, the best simple answer"
        text = (
            f"{verdict} {name} (mean IoU {other.scores.mean_iou:.3f}): "
            f"{other.gain:+.3f} ({low:+.3f} to {high:+.3f}).{_luck(evaluation, other)}"
        )
        yield Point(low > 0, "Compared", text, "Against simpler answers")


def _luck(evaluation: Evaluation, other: Baseline) -> str:
    """Say beside a gain over the same kind of model what the seed alone changes, which no interval knows."""
    if other.name != TRAINED:
        return ""
    if evaluation.spread is None:
        return " What another seed alone would change was not measured."
    return f" The seed alone moves it by {evaluation.spread.sd:.3f} (standard deviation)."


def _classes(evaluation: Evaluation) -> Iterator[Point]:
    present = [
        (value, name)
        for name, value in zip(CLASSES, evaluation.headline.scores.iou, strict=True)
        if value is not None
    ]
    (low, weakest), (high, strongest) = min(present), max(present)
    if low < high:
        text = f"{weakest} is its weakest (IoU {low:.3f}), {strongest} its strongest ({high:.3f})."
        yield Point(False, "Classes", text, "Scores per class")


def _slices(evaluation: Evaluation) -> Iterator[Point]:
    section, whole = "Where it is strong and where it is weak", evaluation.headline.scores.mean_iou
    enough = evaluation.params.enough
    judged = [part for part in evaluation.slices if part.enough and part.samples < len(evaluation.data)]
    weak = sorted(
        (part for part in judged if part.interval[1] < whole), key=lambda part: part.scores.mean_iou
    )
    for part in weak:
        low, high = part.interval
        text = (
            f"{part.kind} {part.name.replace('_', ' ')} is worse: mean IoU {part.scores.mean_iou:.3f} "
            f"({low:.3f} to {high:.3f}, n = {part.samples}), on all photos {whole:.3f}."
        )
        yield Point(False, "Groups", text, section)
    if judged and not weak:
        text = (
            f"none of the {len(judged)} groups with at least {enough} photos is clearly worse than the whole."
        )
        yield Point(True, "Groups", text, section)
    few = sum(not part.enough for part in evaluation.slices)
    if few:
        text = f"{few} of {len(evaluation.slices)} have fewer than {enough} photos: too few to judge."
        yield Point(False, "Groups", text, section)


def _confidence(evaluation: Evaluation) -> Iterator[Point]:
    before, after = evaluation.before.scores.ece, evaluation.after.scores.ece
    diagram = evaluation.after.diagram
    total = sum(diagram.count)
    sure = sum(n * c for n, c in zip(diagram.count, diagram.confidence, strict=True)) / total
    right = sum(n * a for n, a in zip(diagram.count, diagram.accuracy, strict=True)) / total
    text = (
        f"on average {sure:.1%} sure and {right:.1%} right. Its error (ECE) was {before:.1%} before "
        f"calibration, and is {after:.1%} after it."
    )
    yield Point(after < before or after <= CALIBRATED, "Confidence", text, "Can its confidence be trusted?")


def _behaviour(evaluation: Evaluation) -> Iterator[Point]:
    tested = [finding for finding in evaluation.behaviour if finding.ok is not None]
    section = "Does it behave?"
    passed = sum(finding.ok is True for finding in tested)
    if passed:
        vague = sum(finding.ok is True and not finding.sure for finding in tested)
        unsure = f", {vague} of them not surely" if vague else ""
        yield Point(True, "Behaviour", f"{passed} of {len(tested)} tests passed{unsure}.", section)
    for finding in tested:
        if not finding.ok:
            text = f"{finding.question} {finding.value:.3f}, and at least {finding.bound:g} was asked for."
            yield Point(False, "Behaviour", text, section)


def _robustness(evaluation: Evaluation) -> Iterator[Point]:
    """Tell what the weakest and the strongest of each change leave, each where it belongs."""
    found = evaluation.robustness
    for curve, how in ((found.blur, "a blur of radius {}"), (found.fgsm, "an attack by {} of 255 a value")):
        ends = sorted({1, len(curve) - 1}) if curve else []
        for good in (True, False):
            told = [
                f"{how.format(curve[place].strength)} leaves {retained(curve, place):.0%}"
                for place in ends
                if (retained(curve, place) >= ROBUST_SHARE) is good
            ]
            if told:
                yield Point(good, "Robustness", f"{', '.join(told)} of the mean IoU.", "Robustness")
    yield from _border(found.blur)


def _border(blur: Sequence[Changed]) -> Iterator[Point]:
    """Tell where the border shrinks most in blur, which makes outlines vaguer and not thinner."""
    shrunk = [(changed.border, changed.strength) for changed in blur if changed.border is not None]
    least, radius = min(shrunk, default=(1.0, 0))
    if least < ROBUST_SHARE:
        text = (
            f"blur should not thin the border; with a radius of {radius} the model marks {least:.0%} as much."
        )
        yield Point(False, "Robustness", text, "Robustness")


def _missed(evaluation: Evaluation) -> Iterator[Point]:
    own = [scores(matrix).iou[CLASSES.index("pet")] for matrix in evaluation.answers.matrices]
    missed = sum(value is not None and value < FOUND for value in own)
    text = f"the pet is missed (IoU below {FOUND:g}) in {missed} of {len(own)} photos."
    yield Point(not missed, "Misses", text, "The worst photos")
