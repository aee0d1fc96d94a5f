"""Tables for the report: HTML, everything escaped, since ids and breeds come from file names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape

DASH = "\N{EN DASH}"
_NUMBER = re.compile(rf"([+-]?[0-9][0-9.,]*( ?%)?|{DASH})?")
_SPAN = re.compile(r"[+-]?[0-9.]+ to [+-]?[0-9.]+")
_UNMARKED: Mapping[str, str] = {}


def html_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    muted: Collection[int] = (),
    marked: Mapping[str, str] = _UNMARKED,
) -> str:
    """Give an HTML table; columns of numbers are set to the right, None is a dash.

    `muted` rows are grey; a cell whose whole text is in `marked` gets that class.
    """
    cells = [[DASH if value is None else str(value) for value in row] for row in rows]
    numeric = [all(_NUMBER.fullmatch(row[place]) for row in cells) for place in range(len(columns))]
    head = "".join(_cell("th", name, _css(right)) for name, right in zip(columns, numeric, strict=True))
    body = "\n".join(
        ('<tr class="muted">' if number in muted else "<tr>")
        + "".join(
            _cell("td", text, _css(right) or marked.get(text) or ("span" if _SPAN.fullmatch(text) else ""))
            for text, right in zip(row, numeric, strict=True)
        )
        + "</tr>"
        for number, row in enumerate(cells)
    )
    return (
        '<div class="wide"><table class="figures">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def decimal(value: float | None, places: int = 3) -> str | None:
    """Give a number with fixed decimals."""
    return None if value is None else f"{value:.{places}f}"


def percent(value: float | None) -> str | None:
    """Give a share as a percentage."""
    return None if value is None else f"{value:.1%}"


def spanned(interval: tuple[float, float] | None, places: int = 3) -> str | None:
    """Give an interval."""
    return None if interval is None else f"{interval[0]:.{places}f} to {interval[1]:.{places}f}"


def _css(numeric: bool) -> str:
    return "number" if numeric else ""


def _cell(tag: str, text: str, css: str) -> str:
    start = f'<{tag} class="{css}">' if css else f"<{tag}>"
    return f"{start}{escape(text)}</{tag}>"
