"""Tables, row by row: rows are told by their first column, or by their place where that is not unique."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.comparing.sides import Sides
from calf.web.files.kinds import suffix_of
from calf.web.files.previews.parquet import ALL, read_rows
from calf.web.files.previews.subject import cut
from calf.web.files.remote import Remote

_MOST_BYTES = 8 * 1024 * 1024
_MOST_ROWS = 50_000
_SHOWN = 200
_COLUMNS = 40
_CELL = 120

Row = Sequence[str | None]
"""Cells as texts, None for no value."""


def compare_tables(sides: Sides) -> Mapping[str, Any]:
    """Rows that came, went or changed, with both values of each cell that did; others are counted."""
    try:
        header, types, before = _read(sides, sides.before)
        new_header, new_types, after = _read(sides, sides.after)
    except (csv.Error, UnicodeDecodeError) as error:
        raise Unreadable(f"it is no table: {error}") from None
    header = header if sides.before else new_header
    if sides.after and (header != new_header or (sides.before and types != new_types)):
        raise Unreadable("the columns are others")
    rows: list[Mapping[str, Any]] = []
    counts = {"added": 0, "removed": 0, "changed": 0, "same": 0}
    for key, old, new in _matched(before, after):
        how = "same" if old == new else "added" if old is None else "removed" if new is None else "changed"
        counts[how] += 1
        if how != "same" and len(rows) < _SHOWN:
            rows.append({"how": how, "row": cut(key, _CELL), "cells": _cells(old, new, len(header))})
    return {
        "kind": "rows",
        "columns": [cut(name, _CELL) for name in header[:_COLUMNS]],
        "rows": rows,
        "counts": counts,
        "width": len(header),
    }


def _read(sides: Sides, side: tuple[Remote, str] | None) -> tuple[list[str], list[str], list[Row]]:
    """Names of columns, their types where the file says them, and rows, of which nothing is left out."""
    if side is None:
        return [], [], []
    if suffix_of(sides.path) == "parquet":
        found = read_rows(sides.subject(side), 0, _MOST_ROWS, ALL, ALL)
        if found["total"] > _MOST_ROWS:
            raise Unreadable("the table is long")
        return found["columns"], found["exact_types"], found["rows"]
    text = side[0].whole(_MOST_BYTES).decode("utf-8-sig")
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter="\t" if suffix_of(sides.path) == "tsv" else ",")
    header = next(reader, [])
    rows: list[Row] = list(reader)
    if len(rows) > _MOST_ROWS:
        raise Unreadable("the table is long")
    return header, [], rows


def _matched(before: list[Row], after: list[Row]) -> Iterator[tuple[str, Row | None, Row | None]]:
    """The rows in pairs, in the order of the new table; then those that went."""
    by_key, news = _by_key(before), _by_key(after)
    if by_key is None or news is None:
        for at in range(max(len(before), len(after))):
            old = before[at] if at < len(before) else None
            yield str(at + 1), old, after[at] if at < len(after) else None
        return
    for key, new in news.items():
        yield key, by_key.get(key), new
    for key, old in by_key.items():
        if key not in news:
            yield key, old, None


def _by_key(rows: list[Row]) -> dict[str, Row] | None:
    found = {row[0]: row for row in rows if row and row[0] is not None}
    return found if len(found) == len(rows) else None


def _cells(old: Row | None, new: Row | None, width: int) -> list[Mapping[str, str | None]]:
    cells: list[Mapping[str, str | None]] = []
    for at in range(min(width, _COLUMNS)):
        was, now = _cell(old, at), _cell(new, at)
        differs = old is None or new is None or old[at : at + 1] != new[at : at + 1]
        cells.append({"now": now, "was": was if differs else None})
    return cells


def _cell(row: Row | None, at: int) -> str | None:
    """The text of a cell; None where the row has none."""
    if row is None or at >= len(row):
        return None
    value = row[at]
    return "null" if value is None else cut(value, _CELL)
