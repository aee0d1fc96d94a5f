"""Tables: aligned and coloured on a terminal, plain tab-separated text in a pipe."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from itertools import chain, islice

import click

from calf.cli.words import printable, shorten

_GAP = 2
_COLOURS = {
    "success": "green",
    "running": "blue",
    "starting": "blue",
    "created": "blue",
    "finishing": "blue",
    "egressing": "blue",
    "failure": "red",
    "failed": "red",
    "crashing": "red",
    "killed": "red",
    "unrunnable": "red",
    "paused": "yellow",
    "skipped": "cyan",
    "recovered": "yellow",
    "+": "green",
    "-": "red",
}
_BLOCKS = {"▇": "green", "·": "yellow", "✗": "red"}
_LEAST_DESCRIPTION = 20
_COLOURED = {"STATE", "STATE / LAST JOB", "STATUS", "OP"}


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, streamed: bool = False) -> None:
    """Print rows under headers; rows that come over time are `streamed`, each is printed when it comes.

    Control characters in cells are shown, never obeyed.
    """
    safe = ([printable(cell) for cell in row] for row in rows)
    if not sys.stdout.isatty():
        first = next(safe, None)  # before the headers: asking the server may fail
        click.echo("\t".join(headers))
        for row in safe if first is None else chain([first], safe):
            click.echo("\t".join(row))
        return
    lines = _fit(headers, list(islice(safe, 1) if streamed else safe))
    widths = [max(map(len, column)) for column in zip(headers, *lines, strict=True)]
    click.secho(_align(headers, widths, ("",) * len(headers)), bold=True)
    for row in chain(lines, safe):
        click.echo(_align(row, widths, headers))


def paint(text: str) -> str:
    """A state in its colour."""
    words = text.split()
    colour = _COLOURS.get(words[0].rstrip(":"), "") if words else ""
    return click.style(text, fg=colour) if colour else text


def _fit(headers: Sequence[str], lines: list[list[str]]) -> list[list[str]]:
    """The lines with descriptions cut to what the terminal has room for."""
    if headers[-1] != "DESCRIPTION":
        return lines
    columns = list(zip(headers, *lines, strict=True))[:-1]
    used = sum(max(map(len, column)) + _GAP for column in columns)
    room = max(_LEAST_DESCRIPTION, shutil.get_terminal_size().columns - used)
    return [[*row[:-1], shorten(row[-1], room)] for row in lines]


def _align(cells: Sequence[str], widths: Sequence[int], headers: Sequence[str]) -> str:
    padded = [cell.ljust(width + _GAP) for cell, width in zip(cells, widths, strict=True)]
    padded[-1] = cells[-1]
    return "".join(_paint_cell(cell, header) for cell, header in zip(padded, headers, strict=True))


def _paint_cell(cell: str, header: str) -> str:
    if header in _COLOURED:
        return paint(cell)
    return _paint_bar(cell) if header == "PROGRESS" else cell


def _paint_bar(cell: str) -> str:
    """A bar in Pachyderm's coloured blocks; without colours it keeps a sign for each kind."""
    context = click.get_current_context(silent=True)
    if context is not None and context.color is False:
        return cell
    for sign, colour in _BLOCKS.items():
        cell = cell.replace(sign, click.style("▇", fg=colour))
    return cell
