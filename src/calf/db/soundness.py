"""A quick look at the metadata file: whether it is built as SQLite builds them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

LARGEST = 64 << 20
"""Bytes of a file that is looked at; they take 0.1 s. `pachctl fsck` looks at everything."""


def find_damage(metadata: Path) -> str:
    """What is wrong with the file, in SQLite's words; empty for nothing, and for one too large to look at."""
    if metadata.stat().st_size > LARGEST:
        return ""
    try:
        with closing(sqlite3.connect(metadata)) as connection:
            connection.execute("PRAGMA busy_timeout = 5000")
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError:
        return ""  # what keeps us from looking is no damage
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if said == "ok" else said.replace("\n", " ")
