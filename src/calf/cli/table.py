"""Tables: aligned and coloured on a terminal, plain tab-separated text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import chain

import click

from calf.cli.words import printable

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
_COLOURED = {"STATE", "STATE / LAST JOB", "STATUS", "OP"}


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under headers. Control characters in cells are shown, never obeyed."""
    safe = ([printable(cell) for cell in row] for row in rows)
    if not sys.stdout.isatty():
        first = next(safe, None)  # before the headers: asking the server may fail
        click.echo("\t".join(headers))
        for row in safe if first is None else chain([first], safe):
            click.echo("\t".join(row))
        return
    lines = list(safe)
    widths = [max(map(len, column)) for column in zip(headers, *lines, strict=True)]
    click.secho(_align(headers, widths, [""] * len(headers)).rstrip(), bold=True)
    colours = [header in _COLOURED for header in headers]
    for row in lines:
        styles = [_colour(cell) if on else "" for cell, on in zip(row, colours, strict=True)]
        click.echo(_align(row, widths, styles).rstrip())


def paint(text: str) -> str:
    """A state in its colour."""
    colour = _colour(text)
    return click.style(text, fg=colour) if colour else text


def _colour(cell: str) -> str:
    words = cell.split()
    return _COLOURS.get(words[0].rstrip(":"), "") if words else ""


def _align(cells: Sequence[str], widths: Sequence[int], colours: Sequence[str]) -> str:
    parts = []
    for cell, width, colour in zip(cells, widths, colours, strict=True):
        padded = cell + " " * (width + _GAP - len(cell))
        parts.append(click.style(padded, fg=colour) if colour else padded)
    return "".join(parts)
