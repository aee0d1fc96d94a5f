"""How many transactions there were: in the last row that each writes, and in a small file beside the rows.

SQLite takes what follows a damaged frame of its log for never written, and says nothing. So after each
transaction, once that is on the disk, its number goes into a file of its own. The file is never ahead of what
is on the disk, whatever is lost: rows that are behind it have lost what was acknowledged. It is not synced,
which would double what a transaction costs; after a power cut it may be some seconds behind, and vouches for
that much less.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from calf.db.digest import row_digest
from calf.db.tx import Tx
from calf.kit.atomic import full_is_no_space
from calf.model.errors import IntegrityError

SCHEMA_4 = (
    """CREATE TABLE mark (
        number INTEGER NOT NULL,
        twin INTEGER NOT NULL,
        sequences INTEGER NOT NULL,
        schema BLOB NOT NULL
    ) STRICT""",
    "INSERT INTO mark VALUES (0, 0, 0, x'')",
)
_SEQUENCES = "(SELECT coalesce(sum(seq), 0) FROM sqlite_sequence)"
"""Of the last ids that SQLite has given out, so that none is ever given twice."""
_COUNT = f"UPDATE mark SET number = number + 1, twin = number + 1, sequences = {_SEQUENCES}"  # noqa: S608 - our own text
_STRAY = (
    "SELECT name FROM sqlite_sequence GROUP BY name"
    " HAVING count(*) > 1 OR name NOT IN (SELECT name FROM sqlite_schema WHERE type = 'table')"
)
_TEXT = re.compile(rb"calf (\d{20}) (\d{20})\n")


class Mark:
    """The file with the number of the last transaction that was acknowledged."""

    def __init__(self, metadata: Path) -> None:
        """It lies beside the file `metadata`; `check` comes first."""
        self._path = metadata.with_name(f"{metadata.name}-mark")
        self._fd, self._number = -1, 0

    def check(self, number: int) -> None:
        """Open or make it. Raises `IntegrityError` when more was acknowledged than the rows' `number`."""
        with full_is_no_space(self._path.parent):
            self._fd = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        self._number = number
        found = os.pread(self._fd, 100, 0)
        if not found.strip(b"\0"):
            return  # a new one, or one whose bytes a power cut took
        text = _TEXT.fullmatch(found)
        if text is None or text[1] != text[2]:
            raise IntegrityError(
                f"{self._path} is damaged", "check the disk; remove that file and start again"
            )
        if int(text[1]) > number:
            raise IntegrityError(
                f"the metadata have lost the last {int(text[1]) - number} of {int(text[1])} transactions"
                " that were acknowledged: their log is damaged, or an older copy was put in their place",
                f"restore from a backup; to go on without what was lost, remove {self._path} and start again",
            )

    def advance(self) -> None:
        """Note that one more transaction is on the disk."""
        self._number += 1
        with suppress(OSError):  # it is done all the same; what is not noted is only not vouched for
            os.pwrite(self._fd, b"calf %020d %020d\n" % (self._number, self._number), 0)

    def close(self) -> None:
        """Close the file."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def count(tx: Tx) -> None:
    """Number a transaction, as the last thing that it does."""
    tx.execute(_COUNT)


def last(tx: Tx) -> int:
    """The number of the last transaction. Raises `IntegrityError` when it is lost."""
    number: int | None = tx.value("SELECT number FROM mark")
    if number is None:
        raise IntegrityError(
            "the metadata is damaged: the number of transactions is lost", "restore it from a backup"
        )
    return number


def note_schema(connection: sqlite3.Connection) -> None:
    """Put the schema on record as it is: the end of each step that changes it.

    A step is not numbered: coming before the numbers are compared, it would make up for a lost transaction.
    One that is lost itself is taken again.
    """
    tx = Tx(connection)
    tx.execute(f"UPDATE mark SET schema = ?, sequences = {_SEQUENCES}", (_schema(tx),))  # noqa: S608 - our own text


def changed(tx: Tx) -> Iterator[str]:
    """What of the schema, of the last ids and of the mark itself is not what was written, in words."""
    rows = tx.all(f"SELECT number, twin, sequences, {_SEQUENCES}, schema FROM mark")  # noqa: S608 - our own text
    if len(rows) != 1:
        yield f"there are {len(rows)} rows in mark"
    for number, twin, noted, sequences, schema in rows:
        if number != twin:
            yield "the number of transactions was changed behind the engine's back"
        if noted != sequences:
            yield "the last ids of tables were changed behind the engine's back"
        if schema != _schema(tx):
            yield "the schema was changed behind the engine's back"
    for (name,) in tx.all(_STRAY):
        yield f"last ids are noted for {name!r}, which is no table, or are noted twice"


def _schema(tx: Tx) -> bytes:
    rows = tx.all("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
    return row_digest("schema", *(field for row in rows for field in row))
