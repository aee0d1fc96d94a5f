"""Tables: aligned and coloured on a terminal, plain tab-separated text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import click

from calf.cli.colours import blocks, paint, sign
from calf.views.words import printable

_GAP = 1
_PAGE = 50
"""Lines until the headers come again."""
_PAINTERS = {
    "STATE": paint,
    "STATE / LAST JOB": paint,
    "STATUS": paint,
    "OP": sign,
    "PROGRESS": blocks,
}
"""Columns with colours."""


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, streamed: bool = False) -> None:
    """Print rows under headers; rows that come over time are `streamed`, each is printed when it comes.

    On a terminal the headers come again on each page, which has columns as wide as it needs: the first page
    of a long listing need not wait for the rest. Control characters in cells are shown, never obeyed.
    """
    safe = ([printable(cell) for cell in row] for row in rows)
    first = next(safe, None)  # before the headers: asking the server may fail
    if not sys.stdout.isatty():
        click.echo("\t".join(headers))
        for row in () if first is None else chain([first], safe):
            click.echo("\t".join(row))
    elif first is None:
        click.echo(_align(headers, _widths(headers, ())))
    elif streamed:
        _print_page(headers, [first])
        widths = _widths(headers, [first])
        for row in safe:
            click.echo(_align(row, widths, headers))
    else:
        for page in _pages(chain([first], safe)):
            _print_page(headers, page)


def _pages(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while page := list(islice(rows, _PAGE - 1)):
        yield page


def _print_page(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = _widths(headers, rows)
    click.echo(_align(headers, widths))
    for row in rows:
        click.echo(_align(row, widths, headers))


def _widths(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(headers, *rows, strict=True)]


def _align(cells: Sequence[str], widths: Sequence[int], headers: Sequence[str] = ()) -> str:
    """Cells at their places; of rows, those in columns with colours are painted."""
    shown = [_PAINTERS.get(header, str)(cell) for cell, header in zip(cells, headers or cells, strict=True)]
    gaps = [width + _GAP - len(cell) for cell, width in zip(cells, widths, strict=True)]
    return "".join(cell + " " * gap for cell, gap in zip(shown[:-1], gaps[:-1], strict=True)) + shown[-1]
