"""A transaction as the table modules see it: SQL in, tuples out, SQLite's failures as ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from calf.kit.atomic import cannot_open, disk_failed
from calf.model.errors import IntegrityError, Internal, NoSpace, Precondition

Row = tuple[Any, ...]
"""Values in the order of the columns asked for; the table modules turn them into records."""

_FAILED = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLite's news into ours: `NoSpace`, `IntegrityError` for a damaged file, `Precondition`."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise_ours(error)
        raise
    except UnicodeDecodeError as error:  # what is wrong with the schema, said in its own damaged words
        raise IntegrityError(
            f"the metadata is damaged: {error.reason}", "restore it from a backup"
        ) from error


def raise_ours(error: sqlite3.DatabaseError) -> None:
    """Raise ours; nothing where there is none, and then the error itself has to go on."""
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF
    if extended == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        raise Precondition("something else still refers to it", "delete pipelines before data") from error
    if code == sqlite3.SQLITE_FULL:
        raise NoSpace("no space left for the metadata; nothing was committed", "free some space") from error
    if code == sqlite3.SQLITE_CANTOPEN:
        raise cannot_open(error) from error
    if code in _FAILED:
        raise disk_failed(error) from error
    if code in _DAMAGED:
        raise IntegrityError(f"the metadata is damaged: {error}", "restore it from a backup") from error


class Tx:
    """One snapshot (`Database.read`) or the one write transaction (`Database.write`); dead after its block.

    Used by the thread that began it. Leaving the block with an exception undoes what was written in it.
    """

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: sqlite3.Connection | None = connection

    def execute(self, sql: str, params: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run one statement. Raises `NoSpace` for a full disk, `IntegrityError` for a damaged file."""
        try:
            return self._alive().execute(sql, params)
        except sqlite3.DatabaseError as error:  # no `with` here, which would cost as much as the statement
            raise_ours(error)
            raise

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement once for each row of parameters."""
        with translated():
            self._alive().executemany(sql, rows)

    def insert(self, sql: str, params: Sequence[object] = ()) -> int:
        """Run an INSERT and give the new row's id."""
        rowid = self.execute(sql, params).lastrowid
        if rowid is None:
            raise Internal("an insert gave no row")
        return rowid

    def one(self, sql: str, params: Sequence[object] = ()) -> Row | None:
        """The first row, if there is one."""
        try:
            row: Row | None = self._alive().execute(sql, params).fetchone()
        except sqlite3.DatabaseError as error:
            raise_ours(error)
            raise
        return row

    def all(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """Every row."""
        try:
            return self._alive().execute(sql, params).fetchall()
        except sqlite3.DatabaseError as error:
            raise_ours(error)
            raise

    def value(self, sql: str, params: Sequence[object] = ()) -> Any:
        """The first column of the first row, None without one."""
        row = self.one(sql, params)
        return None if row is None else row[0]

    def close(self) -> None:
        """Make later use of this transaction an error; `Database` calls it."""
        self._connection = None

    def _alive(self) -> sqlite3.Connection:
        if self._connection is None:
            raise Internal("a transaction was used after its end")
        return self._connection
