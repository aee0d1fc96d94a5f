"""Small values by name that must survive a restart, such as how far a reader of the ledger is."""

from __future__ import annotations

from calf.db.digest import Sealed
from calf.db.tx import Tx

SCHEMA = ("CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",)
ROWS = Sealed("settings", ("key",), ("key", "value"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)


def get(tx: Tx, key: str) -> str | None:
    """The value, None when it was never put."""
    value: str | None = tx.value("SELECT value FROM settings WHERE key = ?", (key,))
    return value


def put(tx: Tx, key: str, value: str) -> None:
    """Set or replace the value."""
    tx.execute(
        "INSERT INTO settings (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )
    ROWS.seal(tx, key)
