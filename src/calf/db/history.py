"""Whether the rows of one file are an earlier state of another's: asked before a backup's are replaced."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from calf.db.tx import Tx, translated

_COMMITS = (
    "SELECT theirs.set_id = ours.set_id FROM old.commits AS theirs JOIN main.commits AS ours USING (id)"
    " ORDER BY id DESC LIMIT 1"
)
_APART = "both have gone on since they were the same"


def find_lost(old: Path, new: Path) -> str:
    """What would be lost if the metadata file `old` were replaced by `new`, in words; empty for nothing.

    Nothing is when `old` is a state that `new` has been in: it has no more transactions, and its last event
    is in the ledger of `new` at the same place. A ledger that does not reach back that far is silent;
    then the newest commit that stands in both under one number must be the same one. Changes neither. Raises
    `IntegrityError` for a file that cannot be read.
    """
    with translated(), closing(sqlite3.connect(new)) as connection:
        connection.execute("ATTACH DATABASE ? AS old", (str(old),))
        tx = Tx(connection)
        if not (_has(tx, "old", "ledger") and _has(tx, "main", "ledger")):
            return ""
        return _more_transactions(tx) or _other_events(tx)


def _more_transactions(tx: Tx) -> str:
    if not (_has(tx, "old", "mark") and _has(tx, "main", "mark")):
        return ""  # one of them is older than the count
    more: int = (
        tx.value("SELECT (SELECT max(number) FROM old.mark) - (SELECT max(number) FROM main.mark)") or 0
    )
    return f"{more} transactions more" if more > 0 else ""


def _other_events(tx: Tx) -> str:
    last = tx.one("SELECT seq, kind, key, at FROM old.ledger ORDER BY seq DESC LIMIT 1")
    if last is None:
        return ""
    seq, *event = last
    if same := tx.one("SELECT kind, key, at FROM main.ledger WHERE seq = ?", (seq,)):
        return "" if list(same) == event else _APART
    if tx.value("SELECT coalesce(max(seq), 0) < ? FROM main.ledger", (seq,)):
        return _APART
    return _APART if tx.value(_COMMITS) == 0 else ""


def _has(tx: Tx, schema: str, table: str) -> bool:
    return tx.one(f"SELECT 1 FROM {schema}.sqlite_schema WHERE name = ?", (table,)) is not None  # noqa: S608 - our own names
