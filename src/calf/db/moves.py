"""The last move of each branch's head: a head can be shown to stand where a transaction put it, and when."""

from __future__ import annotations

from dataclasses import dataclass

from calf.db.digest import Sealed
from calf.db.tx import Tx

SCHEMA = (
    """CREATE TABLE branch_moves (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        branch INTEGER NOT NULL REFERENCES branches (id) ON DELETE CASCADE,
        head INTEGER NOT NULL,
        set_id TEXT NOT NULL,
        at REAL NOT NULL
    ) STRICT""",
    "CREATE INDEX branch_moves_by_branch ON branch_moves (branch, seq)",
)
SCHEMA_2 = ("DELETE FROM branch_moves WHERE seq NOT IN (SELECT max(seq) FROM branch_moves GROUP BY branch)",)
ROWS = Sealed("branch_moves", ("seq",), ("branch", "head", "set_id", "at"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)


@dataclass(frozen=True, slots=True)
class Move:
    """A head's move to the commit with row id `head`, by transaction `set_id`, at seconds since the epoch."""

    head: int
    set_id: str
    at: float


def record(tx: Tx, branch_id: int, move: Move) -> None:
    """Write down a move in the transaction that makes it, in place of the former one."""
    tx.execute("DELETE FROM branch_moves WHERE branch = ?", (branch_id,))
    values = (branch_id, move.head, move.set_id, float(move.at))
    sql = "INSERT INTO branch_moves (branch, head, set_id, at, digest) VALUES (?, ?, ?, ?, ?)"
    tx.execute(sql, (*values, ROWS.digest(*values)))


def newest_of_all(tx: Tx) -> dict[int, Move]:
    """As `newest`, by branch."""
    rows = tx.all("SELECT branch, head, set_id, at FROM branch_moves ORDER BY seq")
    return {branch: Move(*move) for branch, *move in rows}


def newest(tx: Tx, branch_id: int) -> Move | None:
    """The last recorded move of a branch."""
    row = tx.one(
        "SELECT head, set_id, at FROM branch_moves WHERE branch = ? ORDER BY seq DESC LIMIT 1", (branch_id,)
    )
    return Move(*row) if row else None
