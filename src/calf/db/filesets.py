"""Rows of filesets: changes that wait, for minutes, to be laid on a commit."""

from __future__ import annotations

import json
from dataclasses import dataclass

from calf.db.digest import Sealed
from calf.db.tx import Tx

SCHEMA_2 = (
    """CREATE TABLE filesets (
        id TEXT PRIMARY KEY,
        root BLOB,
        deletions TEXT NOT NULL,
        created REAL NOT NULL,
        expires REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX filesets_by_end ON filesets (expires)",
)
ROWS = Sealed("filesets", ("id",), ("id", "root", "deletions", "created", "expires"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)


@dataclass(frozen=True, slots=True)
class Deletion:
    """The file that `tag` has at `path` is to go, or, with `below`, all that it has below that folder."""

    path: str
    tag: str
    below: bool


@dataclass(frozen=True, slots=True)
class FilesetRow:
    """A fileset: first `deletions` are made, then the files of the tree `root` appended. Times in seconds."""

    id: str
    root: bytes | None
    deletions: tuple[Deletion, ...]
    created: float
    expires: float


def insert(tx: Tx, row: FilesetRow) -> None:
    """Add a fileset, and forget those whose time was over when it was made."""
    forget(tx, row.created)
    deletions = json.dumps([(each.path, each.tag, each.below) for each in row.deletions])
    values = (row.id, row.root, deletions, float(row.created), float(row.expires))
    sql = "INSERT INTO filesets (id, root, deletions, created, expires, digest) VALUES (?, ?, ?, ?, ?, ?)"
    tx.execute(sql, (*values, ROWS.digest(*values)))


def forget(tx: Tx, now: float) -> int:
    """Remove those whose time is over; says how many."""
    return tx.execute("DELETE FROM filesets WHERE expires <= ?", (now,)).rowcount


def get(tx: Tx, fileset_id: str, now: float) -> FilesetRow | None:
    """The fileset, unless its time is over."""
    row = tx.one(
        "SELECT id, root, deletions, created, expires FROM filesets WHERE id = ? AND expires > ?",
        (fileset_id, now),
    )
    if row is None:
        return None
    number, root, deletions, created, expires = row
    return FilesetRow(
        number, root, tuple(Deletion(*each) for each in json.loads(deletions)), created, expires
    )


def renew(tx: Tx, fileset_id: str, expires: float) -> None:
    """Have a fileset live until `expires`."""
    tx.execute("UPDATE filesets SET expires = ? WHERE id = ?", (expires, fileset_id))
    ROWS.seal(tx, fileset_id)
