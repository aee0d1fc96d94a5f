"""Which data the model has learned from, and on which it was asked."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from stagekit.errors import StageError
from stagekit.release.card.markdown import table
from stagekit.release.params import Data

_WHOLE = "*"
"""Stands in `balance.csv` for all breeds of a species."""
_MOST = 40


def data_section(data: Data | None, balance: Path | None) -> str:
    """Say what the photos are, under which licence, and how many of each breed each split has."""
    return "\n\n".join((_origin(data), _counts(balance)))


def _origin(data: Data | None) -> str:
    if data is None:
        return (
            "Nobody said what the photos are and under which licence: the parameter `release.data` is for "
            "that. Find it out before you use the model."
        )
    return f"{data.name}. Licence: {data.licence}. Source: {data.source}."


def _counts(balance: Path | None) -> str:
    if balance is None:
        return "How many photos each split has was not handed to this stage."
    try:
        with balance.open(encoding="utf-8", newline="") as stream:
            columns, *rows = list(csv.reader(stream))
        totals = [
            str(sum(int(row[place]) for row in rows if row[1] == _WHOLE)) for place in range(2, len(columns))
        ]
    except (OSError, ValueError, IndexError) as error:
        raise StageError(f"{balance}: not split's table of counts ({error})") from error
    breeds = [row for row in rows if row[1] != _WHOLE]
    return "\n\n".join((_splits(columns, rows, totals), _breeds(columns, breeds)))


def _splits(columns: Sequence[str], rows: Sequence[Sequence[str]], totals: Sequence[str]) -> str:
    species = [(row[0], *row[2:]) for row in rows if row[1] == _WHOLE]
    return "Photos by split:\n\n" + table(("", *columns[2:]), [*species, ("all", *totals)])


def _breeds(columns: Sequence[str], breeds: Sequence[Sequence[str]]) -> str:
    shown = [(row[1], *row[2:]) for row in breeds[:_MOST]]
    rest = f"\n\nand {len(breeds) - _MOST} breeds more." if len(breeds) > _MOST else ""
    return "And by breed:\n\n" + table(("breed", *columns[2:]), shown) + rest
