"""Tables for the report: HTML, everything escaped, since ids and breeds come from file names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

_NUMBER = re.compile(r"([+-]?[0-9.]+%?)?")


def html_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Give an HTML table; columns of numbers are set to the right, None is a dash."""
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    numeric = [all(_NUMBER.fullmatch(row[place]) for row in cells) for place in range(len(columns))]
    head = "".join(_cell("th", *column) for column in zip(columns, numeric, strict=True))
    body = "\n".join(
        "<tr>" + "".join(_cell("td", *cell) for cell in zip(row, numeric, strict=True)) + "</tr>"
        for row in cells
    )
    return f'<table class="figures">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>'


def decimal(value: float | None, places: int = 3) -> str | None:
    """Give a number with fixed decimals."""
    return None if value is None else f"{value:.{places}f}"


def percent(value: float | None) -> str | None:
    """Give a share as a percentage."""
    return None if value is None else f"{value:.1%}"


def _cell(tag: str, text: str, numeric: bool) -> str:
    start = f'<{tag} class="number">' if numeric else f"<{tag}>"
    return f"{start}{escape(text) or '&ndash;'}</{tag}>"
