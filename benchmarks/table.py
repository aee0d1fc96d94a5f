"""Comparisons as rows of one Markdown table."""

from __future__ import annotations

from collections.abc import Iterator

from comparing import Comparison, Result
from measuring import Summary

HEAD = (
    "| work | ours (spread) | CPU | beside it (spread) | CPU | ratio | goal | |",
    "|---|---|---|---|---|---|---|---|",
)


def rows(result: Result) -> Iterator[str]:
    """A row a comparison."""
    for line in result.lines:
        yield "| " + " | ".join(_cells(line)) + " |"


def _cells(line: Comparison) -> Iterator[str]:
    yield line.work
    yield from _figures(line.ours, named=False)
    yield from _figures(line.beside, named=True) if line.beside else ("", "")
    yield f"{figure(line.ratio)} {line.meaning}"
    bound = "at least" if line.at_least else "at most"
    yield "" if line.goal is None else f"{bound} {line.goal:g}"
    yield line.verdict


def _figures(summary: Summary, *, named: bool) -> Iterator[str]:
    low, high = summary.spread
    name = f"{summary.name} " if named else ""
    unit = "" if summary.unit == "s" else f" {summary.unit}"
    spread = f" ({figure(low)} to {figure(high)})" if len(summary.runs) > 1 else ""
    yield f"{name}{figure(summary.wall)}{unit}{spread}"
    yield figure(summary.cpu) if summary.cpu else ""


def figure(number: float) -> str:
    """Three digits that count, and no more than are readable."""
    size = abs(number)
    if size >= 100:
        return f"{number:,.0f}"
    if size >= 10:
        return f"{number:.1f}"
    return f"{number:.2f}" if size >= 1 else f"{number:.3f}" if size >= 0.001 else f"{number:.6f}"
