"""Open transactions of clients: what each asked for so far. Rows only wait; nothing of them has happened."""

from __future__ import annotations

from calf.db.digest import Sealed
from calf.db.tx import Tx

SCHEMA_2 = (
    """
    CREATE TABLE transactions (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        record BLOB NOT NULL
    ) STRICT
    """,
)
ROWS = Sealed("transactions", ("id",), ("id", "number", "record"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)


def insert(tx: Tx, id_: str, record: bytes) -> None:
    """Open one; `record` is the caller's own matter."""
    tx.execute("INSERT INTO transactions (id, record) VALUES (?, ?)", (id_, record))
    ROWS.seal(tx, id_)


def get(tx: Tx, id_: str) -> bytes | None:
    """The record of an open one."""
    record: bytes | None = tx.value("SELECT record FROM transactions WHERE id = ?", (id_,))
    return record


def update(tx: Tx, id_: str, record: bytes) -> None:
    """Replace the record of an open one."""
    tx.execute("UPDATE transactions SET record = ? WHERE id = ?", (record, id_))
    ROWS.seal(tx, id_)


def delete(tx: Tx, id_: str) -> bool:
    """Forget one; whether it was there."""
    return tx.execute("DELETE FROM transactions WHERE id = ?", (id_,)).rowcount > 0


def delete_all(tx: Tx) -> None:
    """Forget all of them."""
    tx.execute("DELETE FROM transactions")


def all_(tx: Tx) -> list[bytes]:
    """The records of all of them, newest first."""
    return [record for (record,) in tx.all("SELECT record FROM transactions ORDER BY number DESC")]
