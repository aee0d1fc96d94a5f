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
from calf.web.files.previews.tables import ROWS, table

MOST_BYTES = 256 * 1024 * 1024
_READER = Path(__file__).with_name("parquet_reader.py")
_PATIENCE = 20


def show_parquet(subject: Subject) -> Mapping[str, Any]:
    """Rows from the number `?row=` on."""
    first = max(subject.number("row", 10**12), 1)
    found = read_rows(subject, first - 1, ROWS)
    after = first + len(found["rows"])
    more = subject.page(view="parquet", row=after) if after <= found["total"] else ""
    return table(
        found["columns"], found["types"], found["rows"], first=first, total=found["total"], more=more
    )


def read_rows(subject: Subject, start: int, number: int) -> dict[str, Any]:
    """Columns, their types, some rows as texts, and how many rows there are. Raises `Unreadable`."""
    if subject.size > MOST_BYTES:
        raise Unreadable("the table is large")
    with tempfile.TemporaryFile(prefix="calf-preview-") as copy:
        for piece in subject.remote.pieces(0, MOST_BYTES):
            copy.write(piece)
        copy.seek(0)
        command = [sys.executable, "-I", str(_READER), str(start), str(number)]
        try:
            done = subprocess.run(
                command, stdin=copy, capture_output=True, timeout=_PATIENCE, env={}, check=False
            )
        except subprocess.TimeoutExpired:
            raise Unreadable("the table takes too long to read") from None
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise Unreadable("the table could not be read within bounds") from None
    if "error" in found:
        raise Unreadable(f"it is no Parquet: {found['error']}")
    return found
