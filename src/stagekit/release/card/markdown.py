"""Small pieces of Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stagekit.release.figures import figure


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a table; whatever would break it is escaped."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def code(text: str) -> str:
    """Give a block of commands."""
    return f"```\n{text.strip()}\n```"


def number(figures: Mapping[str, Any], name: str, places: int = 3) -> str:
    """Give a figure by its dotted name, rounded."""
    value = figure(figures, name)
    return "not given" if value is None else f"{value:.{places}f}"


def interval(figures: Mapping[str, Any], low: str, high: str, places: int = 3) -> str:
    """Give two figures as `0.61 to 0.72`; nothing where one is missing."""
    values = [figure(figures, name) for name in (low, high)]
    return "" if None in values else " to ".join(f"{value:.{places}f}" for value in values)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
