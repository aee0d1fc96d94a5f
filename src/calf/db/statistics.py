"""How much there is, for people who look into a server."""

from __future__ import annotations

from calf.db.tx import Tx


def row_counts(tx: Tx) -> dict[str, int]:
    """The number of rows by table."""
    names = [name for (name,) in tx.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: _count(tx, name) for name in names}


def _count(tx: Tx, table: str) -> int:
    return int(tx.value(f'SELECT COUNT(*) FROM "{table}"'))  # noqa: S608 - the name is from our own schema
