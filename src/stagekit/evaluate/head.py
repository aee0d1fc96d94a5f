"""The first screen of the report: what model this is, how good, where it fails."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from stagekit.evaluate.evaluation import Evaluation
from stagekit.evaluate.results import mean_boundary_iou
from stagekit.evaluate.slices import worst_slice
from stagekit.evaluate.summary import Point
from stagekit.report.html import CONTENTS, section_link
from stagekit.report.tables import decimal, percent


def heading(title: str) -> str:
    """Give the report's heading."""
    return f"<h1>{escape(title)}</h1>"


def headline(evaluation: Evaluation) -> str:
    """Give the tiles with the figures that everything else explains."""
    found = evaluation.headline
    low, high = found.interval
    near, far = found.ece_interval
    tiles = [
        (decimal(found.scores.mean_iou), f"mean IoU (95% interval {low:.3f} to {high:.3f})"),
        (percent(found.scores.pixel_accuracy), "of pixels are right"),
        (decimal(mean_boundary_iou(found.boundary)), "boundary IoU: how well outlines are met"),
        (
            percent(evaluation.after.scores.ece),
            f"off in its confidence (ECE; interval {near:.1%} to {far:.1%})",
        ),
    ]
    weakest = worst_slice(evaluation.slices)
    if weakest is not None:
        where = f"weakest group: {weakest.kind} {weakest.name.replace('_', ' ')}, n = {weakest.samples}"
        tiles.append((decimal(weakest.scores.mean_iou), where))
    tested = [finding for finding in evaluation.behaviour if finding.ok is not None]
    if tested:
        passed = sum(finding.ok is True for finding in tested)
        vague = sum(finding.ok is True and not finding.sure for finding in tested)
        tiles.append(
            (
                f"{passed} of {len(tested)}",
                "behavioural tests passed" + (f", {vague} not surely" if vague else ""),
            )
        )
    cells = "".join(f"<div><b>{value}</b><span>{escape(text)}</span></div>" for value, text in tiles)
    return f'<div class="headline">{cells}</div>'


def summary(points: Sequence[Point]) -> str:
    """Give the strong and the weak points side by side, each with a link to what shows it."""
    columns = []
    for title, css, own in (
        ("What speaks for it", "good", [point for point in points if point.good]),
        ("What to know before trusting it", "weak", [point for point in points if not point.good]),
    ):
        lines = "".join(f"<li>{_linked(point)}</li>" for point in own) or "<li>Nothing was found.</li>"
        columns.append(f'<div class="{css}"><h3>{title}</h3><ul>{lines}</ul></div>')
    return f'<div class="points">{"".join(columns)}</div>'


def contents() -> str:
    """Give the place where the page puts links to its sections."""
    return CONTENTS


def _linked(point: Point) -> str:
    return f'<a href="{section_link(point.section)}">{escape(point.topic)}</a>: {escape(point.text)}'
