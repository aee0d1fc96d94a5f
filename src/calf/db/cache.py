"""Rows of the cache that clients may use: bytes by key, under a tag by which they are dropped together."""

from __future__ import annotations

from calf.db.digest import Sealed
from calf.db.tx import Tx

SCHEMA_2 = (
    """CREATE TABLE cache (
        key TEXT PRIMARY KEY,
        tag TEXT NOT NULL,
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX cache_by_tag ON cache (tag)",
)
ROWS = Sealed("cache", ("key",), ("key", "tag", "value"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)


def put(tx: Tx, key: str, tag: str, value: bytes) -> None:
    """Set or replace a value."""
    tx.execute(
        "INSERT INTO cache (key, tag, value) VALUES (?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET tag = excluded.tag, value = excluded.value",
        (key, tag, value),
    )
    ROWS.seal(tx, key)


def get(tx: Tx, key: str) -> bytes | None:
    """The value, None when it was never put or was dropped."""
    value: bytes | None = tx.value("SELECT value FROM cache WHERE key = ?", (key,))
    return value


def clear(tx: Tx, tag_prefix: str) -> None:
    """Drop all values whose tag begins so."""
    tx.execute("DELETE FROM cache WHERE substr(tag, 1, length(?1)) = ?1", (tag_prefix,))
