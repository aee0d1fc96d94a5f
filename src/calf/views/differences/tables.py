"""Tables: which row, which column, and both values. The first column is what a row is called."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import isnan
from pathlib import Path

from calf.views.differences.pair import Difference, Pair, Unreadable, clip
from calf.views.words import many

_LARGEST = 1024 * 1024 * 1024
_SHOWN = 5

Row = Sequence[str]


def describe_tables(pair: Pair) -> Difference:
    """The first cells that differ, how many rows do, and how far numbers are apart at most.

    Raises `Unreadable` for what is no table.
    """
    tab = "\t" if pair.name.lower().endswith(".tsv") else ","
    try:
        return _describe(_rows(pair.recorded, tab), _rows(pair.again, tab))
    except (csv.Error, UnicodeDecodeError) as error:
        raise Unreadable(f"{pair.name} is no table: {error}") from None


def _rows(path: Path, delimiter: str) -> Iterator[Row]:
    if path.stat().st_size > _LARGEST:
        raise Unreadable(f"{path} is large")
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file, delimiter=delimiter)


def _describe(recorded: Iterator[Row], again: Iterator[Row]) -> Difference:
    header, new_header = next(recorded, []), next(again, [])
    if header != new_header:
        return Difference("table", (f"the columns are others: {_columns(header, new_header)}",))
    gathered = _Gathered(header)
    for number, (old, new) in enumerate(zip_longest(recorded, again), start=1):
        gathered.add(number, old, new)
    if not gathered.rows:
        return Difference("table", ("the same cells, written in another way (quotes, ends of lines)",))
    return Difference("table", (*gathered.lines, *gathered.summary()))


def _columns(old: Row, new: Row) -> str:
    at = next(at for at, (a, b) in enumerate(zip_longest(old, new)) if a != b)
    names = [clip(row[at]) if at < len(row) else "(none)" for row in (old, new)]
    return f"column {at + 1} {names[0]} → {names[1]}"


@dataclass(slots=True)
class _Worst:
    column: str
    distance: float


class _Gathered:
    """What is said of rows while they go by; only the first ones are kept."""

    def __init__(self, header: Row) -> None:
        self._header = header
        self._worst: _Worst | None = None
        self._seen = 0
        self._sizes = [0, 0]
        self.rows = 0
        self.lines: list[str] = []

    def add(self, number: int, old: Row | None, new: Row | None) -> None:
        """Take in a pair of rows, one of them None where the other table goes on."""
        self._seen = number
        self._sizes = [size + (row is not None) for size, row in zip(self._sizes, (old, new), strict=True)]
        if old == new:
            return
        self.rows += 1
        if old is None or new is None or old[:1] != new[:1]:
            self._say(f"row {number}: {_key(old)} → {_key(new)}")
            return
        for at, (a, b) in enumerate(zip_longest(old, new, fillvalue="")):
            if a != b:
                column = self._header[at] if at < len(self._header) else f"column {at + 1}"
                self._say(f"row {number} ({_key(old)}), {clip(column)}: {clip(a)} → {clip(b)}")
                self._measure(column, a, b)

    def summary(self) -> Iterator[str]:
        """How many rows differ, and how far apart numbers are."""
        if self.rows > 1 or self._seen > 1:
            yield f"{self.rows} of {many(self._seen, 'row')} differ"
        if self._sizes[0] != self._sizes[1]:
            yield f"{many(self._sizes[0], 'row')} → {many(self._sizes[1], 'row')}"
        if self._worst is not None:
            yield f"numbers are at most {self._worst.distance:.6g} apart, in {clip(self._worst.column)}"

    def _say(self, line: str) -> None:
        if len(self.lines) < _SHOWN:
            self.lines.append(line)

    def _measure(self, column: str, old: str, new: str) -> None:
        try:
            distance = abs(float(old) - float(new))
        except ValueError:
            return
        if not isnan(distance) and (self._worst is None or distance > self._worst.distance):
            self._worst = _Worst(column, distance)


def _key(row: Row | None) -> str:
    if row is None:
        return "(no row)"
    return clip(row[0]) if row else "(an empty row)"
