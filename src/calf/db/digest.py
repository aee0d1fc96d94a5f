"""Digests of rows: SQLite's pages have no checksum, so a row must be able to vouch for itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import blake3

from calf.db.tx import Tx

_encode = json.JSONEncoder(default=bytes.hex).encode
Field = str | int | float | bytes | None


def row_digest(kind: str, *fields: Field | tuple[Field, ...]) -> bytes:
    """BLAKE3 (32 bytes) of a row's content; `kind` comes first, so rows of two tables never agree."""
    return blake3.blake3(_encode([kind, *fields]).encode()).digest()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A table each of whose rows carries the digest of its `columns`, in the column `digest`.

    Who writes a row seals it in the same transaction. `key` finds it; an id that SQLite gives is none of the
    `columns`, since an index or something else that refers to it has it too. A column that comes later
    belongs into `columns`, and the step that adds it calls `seal_all`.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def add_column(self) -> str:
        """The statement that gives an old table its digests, empty yet: `seal_all` comes after it."""
        return f"ALTER TABLE {self.table} ADD COLUMN digest BLOB NOT NULL DEFAULT x''"

    def digest(self, *values: Field) -> bytes:
        """What `digest` must be beside these values of `columns`, with the types that the table has.

        Of their literals in Python, which take a third of the time of JSON: a row a datum is written.
        """
        return blake3.blake3(f"{self.table}{values!a}".encode()).digest()

    def seal(self, tx: Tx, *key: Field) -> None:
        """Give the row with this key, if there is one, the digest of what stands in it now."""
        one = " AND ".join(f"{name} = ?" for name in self.key) or "1"
        row = tx.one(f"SELECT {', '.join(self.columns)} FROM {self.table} WHERE {one}", key)  # noqa: S608 - our own names
        if row is not None:
            sql = f"UPDATE {self.table} SET digest = ? WHERE {one}"  # noqa: S608 - our own names
            tx.execute(sql, (self.digest(*row), *key))

    def seal_all(self, connection: sqlite3.Connection) -> None:
        """Seal every row as it is: a step of the schema."""
        tx = Tx(connection)
        for key in tx.all(f"SELECT {', '.join(self.key) or '1'} FROM {self.table}"):  # noqa: S608 - our own names
            self.seal(tx, *key[: len(self.key)])

    def changed(self, tx: Tx) -> Iterator[str]:
        """The rows that are not what was written, in words."""
        columns = ", ".join((*self.key, *self.columns, "digest"))
        for row in tx.execute(f"SELECT {columns} FROM {self.table}"):  # noqa: S608 - our own names
            key, values, digest = row[: len(self.key)], row[len(self.key) : -1], row[-1]
            if self.digest(*values) != digest:
                named = ", ".join(map(repr, key))
                yield f"row {named} of {self.table} was changed behind the engine's back"
