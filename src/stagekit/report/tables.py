"""Tables for the report: HTML, everything escaped, since ids and breeds come from file names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def html_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Give an HTML table; numbers are set to the right, None is a dash."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "\n".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return f'<table class="figures">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>'


def decimal(value: float | None, places: int = 3) -> str | None:
    """Give a number with fixed decimals."""
    return None if value is None else f"{value:.{places}f}"


def percent(value: float | None) -> str | None:
    """Give a share as a percentage."""
    return None if value is None else f"{value:.1%}"


def _cell(value: object) -> str:
    if value is None:
        return '<td class="number">&ndash;</td>'
    text = str(value)
    number = text.lstrip("+-")[:1].isdigit()
    return f'<td class="number">{escape(text)}</td>' if number else f"<td>{escape(text)}</td>"
