"""Parquet, read by a process of its own: it has many ways to ask for memory, and its reader is in C++."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calf.views.differences.pair import Unreadable
from calf.web.files.previews.subject import Subject
from calf.web.files.previews.tables import COLUMNS, ROWS, table

MOST_BYTES = 256 * 1024 * 1024
_READER = Path(__file__).with_name("parquet_reader.py")
_PATIENCE = 20
_CELL = 400
ALL = 1_000_000_000


def show_parquet(subject: Subject) -> Mapping[str, Any]:
    """Rows from the number `?row=` on."""
    first = max(subject.number("row", 10**12), 1)
    found = read_rows(subject, first - 1, ROWS, COLUMNS, _CELL)
    rows = [[cell or "" for cell in row] for row in found["rows"]]
    after = first + len(found["rows"])
    more = subject.page(view="parquet", row=after) if after <= found["total"] else ""
    return table(found["columns"], found["types"], rows, first=first, total=found["total"], more=more)


def read_rows(subject: Subject, start: int, number: int, columns: int, cell: int) -> dict[str, Any]:
    """Columns, their types, some rows as texts (None for no value), and how many rows there are.

    Of rows and texts no more than so many `columns` and characters are read. Raises `Unreadable`.
    """
    if subject.size > MOST_BYTES:
        raise Unreadable("the table is large")
    with tempfile.TemporaryFile(prefix="calf-preview-") as copy, tempfile.TemporaryFile() as made:
        for piece in subject.remote.pieces(0, MOST_BYTES):
            copy.write(piece)
        copy.seek(0)
        command = [sys.executable, "-I", str(_READER), *map(str, (start, number, columns, cell))]
        try:
            subprocess.run(
                command,
                stdin=copy,
                stdout=made,
                stderr=subprocess.DEVNULL,
                timeout=_PATIENCE,
                env={},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unreadable("the table takes too long to read") from None
        made.seek(0)
        written = made.read()
    try:
        found: dict[str, Any] = json.loads(written)
    except ValueError:
        raise Unreadable("the table could not be read within bounds") from None
    if "error" in found:
        raise Unreadable(f"it is no Parquet: {found['error']}")
    return found
