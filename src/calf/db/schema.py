"""The schema's versions. A step and its version mark are one transaction: it happened or it did not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from calf.db import (
    branches,
    cache,
    commits,
    datum_lists,
    datums,
    defaults,
    filesets,
    jobs,
    ledger,
    mark,
    metadata,
    moves,
    pipelines,
    projects,
    provenance,
    replays,
    repos,
    secrets,
    settings,
    statements,
    transactions,
)
from calf.db.tx import translated
from calf.model.errors import Precondition

Migration = Sequence[str | Callable[[sqlite3.Connection], None]]
"""Statements, and functions for what SQL cannot do, such as digests."""

_FIRST: Migration = (
    *settings.SCHEMA,
    *ledger.SCHEMA,
    *projects.SCHEMA,
    *repos.SCHEMA,
    *branches.SCHEMA,
    *commits.SCHEMA,
    *provenance.SCHEMA,
    *moves.SCHEMA,
    *pipelines.SCHEMA,
    *jobs.SCHEMA,
    *datums.SCHEMA,
)

_SECOND: Migration = (
    *branches.SCHEMA_2,
    *commits.SCHEMA_2,
    *moves.SCHEMA_2,
    *jobs.SCHEMA_2,
    *defaults.SCHEMA_2,
    *secrets.SCHEMA_2,
    *metadata.SCHEMA_2,
    *filesets.SCHEMA_2,
    *cache.SCHEMA_2,
    *transactions.SCHEMA_2,
)

_THIRD: Migration = (*statements.SCHEMA_3,)

_FOURTH: Migration = (
    *mark.SCHEMA_4,
    *settings.SCHEMA_4,
    *ledger.SCHEMA_4,
    *projects.SCHEMA_4,
    *repos.SCHEMA_4,
    *moves.SCHEMA_4,
    *pipelines.SCHEMA_4,
    *datums.SCHEMA_4,
    *jobs.SCHEMA_4,
    *datum_lists.SCHEMA_4,
    *defaults.SCHEMA_4,
    *secrets.SCHEMA_4,
    *metadata.SCHEMA_4,
    *filesets.SCHEMA_4,
    *cache.SCHEMA_4,
    *transactions.SCHEMA_4,
    *statements.SCHEMA_4,
    *commits.SCHEMA_4,
    mark.note_schema,  # the end of this and of every later step
)

_FIFTH: Migration = (*jobs.SCHEMA_5, mark.note_schema)

_SIXTH: Migration = (*replays.SCHEMA_6, mark.note_schema)

MIGRATIONS: tuple[Migration, ...] = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH)
"""Statements by version; a released step is never edited, only followed by another."""


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Run the steps that this file has not had. Raises `Precondition` when it has had more than we know."""
    with translated():
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(migrations):
            raise Precondition(
                f"this data folder has schema {version}, this calf knows up to {len(migrations)}",
                "use the calf that made it, or a newer one",
            )
        for number in range(version, len(migrations)):
            _step(connection, migrations[number], number + 1)


def _step(connection: sqlite3.Connection, statements: Migration, version: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            if isinstance(statement, str):
                connection.execute(statement)
            else:
                statement(connection)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
