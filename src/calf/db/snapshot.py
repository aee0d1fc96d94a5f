"""A copy of the metadata as they are at one moment, also while a server writes to them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from calf.db.tx import translated
from calf.kit.atomic import sync_file


def write_snapshot(metadata: Path, target: Path) -> None:
    """Copy one committed state of `metadata` to the new file `target`, on the disk, for its owner only.

    SQLite's own way: it is a state between two transactions, and neither waits for the other.
    """
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    with translated(), closing(sqlite3.connect(metadata)) as source, closing(sqlite3.connect(target)) as copy:
        source.execute("PRAGMA busy_timeout = 10000")
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # so that it is one file
    sync_file(target)
