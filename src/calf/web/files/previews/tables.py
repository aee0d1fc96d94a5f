"""Tables as text: CSV and TSV, a page of rows at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.kinds import suffix_of
from calf.web.files.previews.subject import Subject, cut

ROWS = 100
COLUMNS = 60
_CELL = 200
_MOST = 4 * 1024 * 1024
_COUNTED = 4 * 1024 * 1024


def show_table(subject: Subject) -> Mapping[str, Any]:
    """Rows from byte `?at=` on, of which the first has the number `?row=`."""
    delimiter = "\t" if suffix_of(subject.path) == "tsv" else ","
    at, first = subject.number("at", subject.size), subject.number("row", 10**9) or 1
    try:
        header, start = _header(subject, delimiter)
        rows, end = _rows(subject, delimiter, max(at, start))
        total = _count(subject, delimiter)
    except (csv.Error, UnicodeDecodeError) as error:
        raise Unreadable(f"it is no table: {error}") from None
    more = end < subject.size and len(rows) == ROWS
    return table(
        header,
        [guess(rows, column) for column in range(len(header))],
        rows,
        first=first,
        total=total,
        more=subject.page(view="table", at=end, row=first + len(rows)) if more else "",
    )


def table(
    columns: list[str], types: list[str], rows: list[list[str]], *, first: int, total: int | None, more: str
) -> Mapping[str, Any]:
    """A table as pages show it: wide ones lose columns, long cells their ends, and both is said."""
    return {
        "kind": "table",
        "columns": [
            {"name": cut(name, _CELL), "type": kind, "numeric": kind in ("integer", "number")}
            for name, kind in zip(columns[:COLUMNS], types[:COLUMNS], strict=True)
        ],
        "rows": [[cut(cell, _CELL) for cell in row[:COLUMNS]] for row in rows],
        "first": first,
        "total": total,
        "width": len(columns),
        "more": more,
    }


def guess(rows: list[list[str]], column: int) -> str:
    """What the values of a column look like."""
    values = [row[column] for row in rows if column < len(row) and row[column].strip()]
    if not values:
        return "empty"
    if all(_is(int, value) for value in values):
        return "integer"
    return "number" if all(_is(float, value) for value in values) else "text"


def _is(kind: type[int | float], value: str) -> bool:
    try:
        kind(value[:100])
    except ValueError:
        return False
    return True


def _header(subject: Subject, delimiter: str) -> tuple[list[str], int]:
    lines = _Lines(subject, 0)
    header = next(csv.reader(lines, delimiter=delimiter), [])
    if not header or any("\0" in name for name in header):
        raise Unreadable("it has no columns")
    return header, lines.passed


def _rows(subject: Subject, delimiter: str, start: int) -> tuple[list[list[str]], int]:
    lines = _Lines(subject, start)
    rows: list[list[str]] = []
    for row in csv.reader(lines, delimiter=delimiter):
        rows.append(row)
        if len(rows) == ROWS:
            break
    return rows, start + lines.passed


def _count(subject: Subject, delimiter: str) -> int | None:
    """The number of rows, None for a file that would have to be read on and on."""
    if subject.size > _COUNTED:
        return None
    return sum(1 for _ in csv.reader(_Lines(subject, 0), delimiter=delimiter)) - 1


class _Lines:
    """The lines of a file from an offset; `passed` are the bytes of those that were taken."""

    def __init__(self, subject: Subject, start: int) -> None:
        file = subject.remote.open(_MOST)
        file.seek(start)
        self._lines = file
        self._at_start = start == 0
        self.passed = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._lines.readline(_MOST):
            self.passed += len(line)
            yield line.decode("utf-8-sig" if self._at_start else "utf-8")
            self._at_start = False
