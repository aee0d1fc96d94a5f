"""Secrets: small values by name and key that stages are given and nobody is shown."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from calf.db.digest import Sealed
from calf.db.tx import Row, Tx

SCHEMA_2 = (
    """CREATE TABLE secrets (
        name TEXT PRIMARY KEY,
        type TEXT NOT NULL,
        data TEXT NOT NULL,
        created REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
)
ROWS = Sealed("secrets", ("name",), ("name", "type", "data", "created"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret; its values are not part of what it prints."""

    name: str
    type: str
    created: float
    data: Mapping[str, bytes] = field(repr=False)


def insert(tx: Tx, secret: Secret) -> None:
    """Add a secret, whose name must be new."""
    data = json.dumps({key: b64encode(value).decode() for key, value in secret.data.items()})
    values = (secret.name, secret.type, data, float(secret.created))
    sql = "INSERT INTO secrets (name, type, data, created, digest) VALUES (?, ?, ?, ?, ?)"
    tx.execute(sql, (*values, ROWS.digest(*values)))


def get(tx: Tx, name: str) -> Secret | None:
    """The secret, None when there is none."""
    row = tx.one("SELECT name, type, data, created FROM secrets WHERE name = ?", (name,))
    return _secret(row) if row else None


def all_(tx: Tx) -> list[Secret]:
    """Every secret, by name."""
    return [_secret(row) for row in tx.all("SELECT name, type, data, created FROM secrets ORDER BY name")]


def delete(tx: Tx, name: str) -> None:
    """Remove a secret."""
    tx.execute("DELETE FROM secrets WHERE name = ?", (name,))


def _secret(row: Row) -> Secret:
    name, kind, data, created = row
    return Secret(name, kind, created, {key: b64decode(value) for key, value in json.loads(data).items()})
