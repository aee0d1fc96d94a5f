"""Rows that vouch for themselves, but those of commits, branches, versions and jobs, which say more."""

from __future__ import annotations

from collections.abc import Iterator

from calf.db import (
    cache,
    commits,
    datum_lists,
    datums,
    defaults,
    filesets,
    ledger,
    mark,
    metadata,
    moves,
    pipelines,
    projects,
    repos,
    secrets,
    settings,
    statements,
    transactions,
)
from calf.db.tx import Tx

TABLES = (
    settings.ROWS,
    ledger.ROWS,
    projects.ROWS,
    repos.ROWS,
    moves.ROWS,
    pipelines.ROWS,
    datums.RUNS,
    defaults.ROWS,
    secrets.ROWS,
    metadata.ROWS,
    filesets.ROWS,
    cache.ROWS,
    transactions.ROWS,
    statements.SINCE,
)


def changed(tx: Tx) -> Iterator[str]:
    """Everything in them that is not what was written, in words."""
    yield from mark.changed(tx)
    for table in TABLES:
        yield from table.changed(tx)
    yield from ledger.gaps(tx)
    yield from datum_lists.changed(tx)
    yield from commits.wrong_labels(tx)
