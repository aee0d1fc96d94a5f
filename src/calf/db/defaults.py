"""What the specs of pipelines default to: a document for the cluster, and one for a project that has any."""

from __future__ import annotations

from calf.db.digest import Sealed
from calf.db.tx import Tx

SCHEMA_2 = (
    """CREATE TABLE pipeline_defaults (
        scope TEXT PRIMARY KEY,
        document TEXT NOT NULL,
        set_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TRIGGER defaults_go_with_project AFTER DELETE ON projects
        BEGIN DELETE FROM pipeline_defaults WHERE scope = OLD.name; END""",
)
ROWS = Sealed("pipeline_defaults", ("scope",), ("scope", "document", "set_at"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)
CLUSTER = ""
"""The scope of what holds in every project; other scopes are names of projects."""


def get(tx: Tx, scope: str) -> tuple[str, float] | None:
    """The document of a scope and when it was set, None when it never was."""
    row = tx.one("SELECT document, set_at FROM pipeline_defaults WHERE scope = ?", (scope,))
    return (row[0], row[1]) if row else None


def put(tx: Tx, scope: str, document: str, now: float) -> None:
    """Set or replace the document of a scope."""
    tx.execute(
        "INSERT INTO pipeline_defaults (scope, document, set_at) VALUES (?, ?, ?)"
        " ON CONFLICT (scope) DO UPDATE SET document = excluded.document, set_at = excluded.set_at",
        (scope, document, now),
    )
    ROWS.seal(tx, scope)


def delete_all(tx: Tx) -> None:
    """Forget the defaults of every scope."""
    tx.execute("DELETE FROM pipeline_defaults")
