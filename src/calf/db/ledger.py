"""The ledger: every visible change in order. It wakes upper rooms, which `pfs` never calls.

What there is to do they ask the rows, so that start-up and recovery from a crash are the same code path.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calf.db.digest import Sealed
from calf.db.tx import Tx

SCHEMA = (
    """CREATE TABLE ledger (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        at REAL NOT NULL
    ) STRICT""",
)
ROWS = Sealed("ledger", ("seq",), ("kind", "key", "at"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)
KEPT = 10_000
"""Events that are kept at least: readers ask for what is new, and the rows have all that is not."""
_SWEEP = 1_000


@dataclass(frozen=True, slots=True)
class Event:
    """One change: `kind` such as `commit-finished`, `key` the printed reference, `at` seconds since 1970."""

    seq: int
    kind: str
    key: str
    at: float


def append(tx: Tx, kind: str, key: str, at: float) -> int:
    """Write down a change in the transaction that makes it; gives its place in the order.

    Now and then the oldest events go, so that the ledger does not grow for ever.
    """
    values = (kind, key, float(at))
    sql = "INSERT INTO ledger (kind, key, at, digest) VALUES (?, ?, ?, ?)"
    seq = tx.insert(sql, (*values, ROWS.digest(*values)))
    if seq % _SWEEP == 0:
        tx.execute("DELETE FROM ledger WHERE seq <= ?", (seq - KEPT,))
    return seq


def read(tx: Tx, after: int = 0, limit: int = 1000) -> list[Event]:
    """Up to `limit` events that came after `after`, oldest first."""
    rows = tx.all("SELECT seq, kind, key, at FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
    return [Event(*row) for row in rows]


def of_kind(tx: Tx, kind: str, after: int = 0) -> list[Event]:
    """The events of a kind that came after `after`, oldest first."""
    rows = tx.all(
        "SELECT seq, kind, key, at FROM ledger WHERE seq > ? AND kind = ? ORDER BY seq", (after, kind)
    )
    return [Event(*row) for row in rows]


def has_news(tx: Tx, after: int, but: str = "") -> bool:
    """Whether anything came after `after`, other than events of the kind `but`."""
    sql = "SELECT 1 FROM ledger WHERE seq > ? AND kind <> ? LIMIT 1"
    return tx.one(sql, (after, but)) is not None


def gaps(tx: Tx) -> Iterator[str]:
    """Whether the rows are not one after another up to the last that there ever was, in words."""
    sql = "SELECT max(seq) - min(seq) + 1 = count(*) AND max(seq) = (SELECT seq FROM sqlite_sequence"
    if tx.value(f"{sql} WHERE name = 'ledger') FROM ledger") == 0:
        yield "the ledger lacks rows, or has some under other numbers"


def last(tx: Tx) -> int:
    """The place of the newest event, 0 when nothing ever happened."""
    seq: int | None = tx.value("SELECT max(seq) FROM ledger")
    return seq or 0
