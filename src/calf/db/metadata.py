"""Rows of metadata: a few words that users attach to things. They go when the thing goes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Literal

from calf.db.digest import Sealed
from calf.db.tx import Tx

Kind = Literal["project", "repo", "branch", "commit", "pipeline", "cluster"]
_TABLES = (
    ("project", "projects", "name"),
    ("repo", "repos", "id"),
    ("branch", "branches", "id"),
    ("commit", "commits", "id"),
    ("pipeline", "pipelines", "seq"),
)
SCHEMA_2 = (
    """CREATE TABLE metadata (
        kind TEXT NOT NULL,
        owner TEXT NOT NULL,
        pairs TEXT NOT NULL,
        PRIMARY KEY (kind, owner)
    ) STRICT, WITHOUT ROWID""",
    *(
        f"CREATE TRIGGER metadata_goes_with_its_{kind} AFTER DELETE ON {table} BEGIN"  # noqa: S608 - our own names
        f" DELETE FROM metadata WHERE kind = '{kind}' AND owner = CAST(OLD.{column} AS TEXT); END"
        for kind, table, column in _TABLES
    ),
)
ROWS = Sealed("metadata", ("kind", "owner"), ("kind", "owner", "pairs"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)


def get(tx: Tx, kind: Kind, owner: int | str) -> dict[str, str]:
    """The pairs of a thing: `owner` is its row's id, a project's name, "" for the cluster."""
    pairs = tx.value("SELECT pairs FROM metadata WHERE kind = ? AND owner = ?", (kind, str(owner)))
    return dict(json.loads(pairs)) if pairs else {}


def of_many(tx: Tx, kind: Kind, owners: Iterable[int]) -> dict[str, dict[str, str]]:
    """As `get`, of those things that have any, by what `str` makes of their owner."""
    rows = tx.all(
        "SELECT owner, pairs FROM metadata WHERE kind = ? AND owner IN (SELECT value FROM json_each(?))",
        (kind, json.dumps([str(owner) for owner in owners])),
    )
    return {owner: dict(json.loads(pairs)) for owner, pairs in rows}


def put(tx: Tx, kind: Kind, owner: int | str, pairs: Mapping[str, str]) -> None:
    """Replace all pairs of a thing, which must exist."""
    if pairs:
        tx.execute(
            "INSERT INTO metadata (kind, owner, pairs) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, owner) DO UPDATE SET pairs = excluded.pairs",
            (kind, str(owner), json.dumps(dict(pairs))),
        )
        ROWS.seal(tx, kind, str(owner))
    else:
        tx.execute("DELETE FROM metadata WHERE kind = ? AND owner = ?", (kind, str(owner)))
