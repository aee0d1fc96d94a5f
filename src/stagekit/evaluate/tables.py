"""The report's tables, as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from stagekit.evaluate.baselines import Baseline
from stagekit.evaluate.behaviour import Finding
from stagekit.evaluate.evaluation import Evaluation
from stagekit.evaluate.reasons import main_mistake, reasons
from stagekit.evaluate.results import mean_boundary_iou
from stagekit.evaluate.slices import Slice
from stagekit.metrics.segmentation import Scores, scores
from stagekit.report.tables import decimal, html_table, percent, spanned
from stagekit.samples import CLASSES


def classes_table(evaluation: Evaluation) -> str:
    """Tabulate overlap scores and calibration of each class beside its share of the pixels."""
    counts = evaluation.answers.matrices.sum(axis=(0, 2))
    found = evaluation.headline
    rows = [
        (
            name,
            percent(counts[value] / counts.sum()),
            decimal(found.scores.iou[value]),
            decimal(found.scores.dice[value]),
            decimal(found.boundary[value]),
            decimal(evaluation.after.classes[value].error, 4),
        )
        for value, name in enumerate(CLASSES)
    ]
    after = evaluation.after.scores
    rows.append(
        (
            "mean",
            None,
            decimal(found.scores.mean_iou),
            decimal(found.scores.mean_dice),
            decimal(mean_boundary_iou(found.boundary)),
            decimal(after.classwise_ece, 4),
        )
    )
    return html_table(("class", "share of pixels", "IoU", "Dice", "boundary IoU", "class-wise ECE"), rows)


def comparison_table(evaluation: Evaluation) -> str:
    """Tabulate the model beside its baselines, with the interval of the difference."""
    rows = [
        (
            other.name,
            decimal(other.scores.mean_iou),
            *(decimal(value) for value in other.scores.iou),
            percent(other.scores.pixel_accuracy),
            *_gain(other, evaluation.headline.scores),
        )
        for other in evaluation.baselines
    ]
    own = evaluation.headline.scores
    rows.append(
        (
            "this model",
            decimal(own.mean_iou),
            *(decimal(value) for value in own.iou),
            percent(own.pixel_accuracy),
            None,
            "",
        )
    )
    columns = ("answer", "mean IoU", *CLASSES, "pixels right", "this model's gain", "95% interval")
    return html_table(columns, rows)


def slices_table(parts: Sequence[Slice]) -> str:
    """Tabulate slices with their intervals; those too small to judge are grey and say so."""
    rows = [
        (
            f"{part.kind}: {part.name.replace('_', ' ')}",
            part.samples,
            decimal(part.scores.mean_iou),
            spanned(part.interval) if part.samples > 1 else None,
            *(decimal(value) for value in part.scores.iou),
            "" if part.enough else "too few to judge",
        )
        for part in parts
    ]
    muted = {number for number, part in enumerate(parts) if not part.enough}
    columns = ("group", "n", "mean IoU", "95% interval", *CLASSES, "note")
    kept = len(columns) if muted else len(columns) - 1
    return html_table(columns[:kept], [row[:kept] for row in rows], muted=muted)


def calibration_table(evaluation: Evaluation) -> str:
    """Tabulate the four calibration scores before and after."""
    before, after = evaluation.before.scores.as_record(), evaluation.after.scores.as_record()
    names = {
        "ece": "ECE",
        "classwise_ece": "class-wise ECE",
        "brier": "Brier score",
        "nll": "negative log-likelihood",
    }
    rows = [(text, decimal(before[name], 4), decimal(after[name], 4)) for name, text in names.items()]
    return html_table(("lower is better", "before", "after"), rows)


def behaviour_table(evaluation: Evaluation) -> str:
    """Tabulate the behavioural tests, the verdicts where a narrow screen shows them."""
    rows = [
        (
            finding.kind,
            _verdict(finding),
            finding.question,
            decimal(finding.value),
            f"{finding.bound:g}",
            spanned(finding.interval),
            finding.samples,
        )
        for finding in evaluation.behaviour
    ]
    columns = ("kind", "verdict", "question", "found", "at least", "95% interval", "n")
    return html_table(
        columns, rows, marked={"passed": "good", "passed, not surely": "good", "failed": "weak"}
    )


def samples_table(evaluation: Evaluation, places: Sequence[int]) -> str:
    """Tabulate samples with their scores, their main mistake in words, and what may be its reason."""
    rows = [
        (
            evaluation.data.ids[place],
            decimal(scores(evaluation.answers.matrices[place]).mean_iou),
            main_mistake(evaluation.answers.matrices[place]),
            "; ".join(own) or "nothing unusual was seen",
        )
        for place, own in zip(places, reasons(evaluation, places), strict=True)
    ]
    return html_table(("photo", "mean IoU", "main mistake", "what may be the reason"), rows)


def _verdict(finding: Finding) -> str:
    if finding.ok is None:
        return "not tested: too few photos"
    return "failed" if not finding.ok else "passed" if finding.sure else "passed, not surely"


def _gain(other: Baseline, own: Scores) -> tuple[str | None, str]:
    if other.scores == own:
        return None, "the same answers"
    low, high = other.interval
    return f"{other.gain:+.3f}", f"{low:+.3f} to {high:+.3f}"
