"""Rows of branches and the edges between them; a branch's row carries a digest of itself and its edges."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from calf.db.digest import Field, row_digest
from calf.db.tx import Row, Tx
from calf.model.refs import Branch, Repo

SCHEMA = (
    """CREATE TABLE branches (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        repo INTEGER NOT NULL REFERENCES repos (id),
        name TEXT NOT NULL,
        head INTEGER REFERENCES commits (id),
        "trigger" TEXT NOT NULL,
        created REAL NOT NULL,
        digest BLOB NOT NULL,
        UNIQUE (repo, name)
    ) STRICT""",
    "CREATE INDEX branches_by_head ON branches (head)",
    """CREATE TABLE branch_provenance (
        branch INTEGER NOT NULL REFERENCES branches (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        upstream INTEGER NOT NULL REFERENCES branches (id),
        PRIMARY KEY (branch, position),
        UNIQUE (branch, upstream)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX branch_provenance_by_upstream ON branch_provenance (upstream)",
)
SCHEMA_2 = (
    "ALTER TABLE branch_provenance ADD COLUMN never INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX branches_triggered ON branches (id) WHERE \"trigger\" <> ''",
)
_SELECT = (
    'SELECT b.id, b.repo, r.project, r.name, r.type, b.name, b.head, b."trigger", b.created, b.digest'
    " FROM branches b JOIN repos r ON r.id = b.repo"
)


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A branch as stored; `head` is a commit's row id, None only inside the transaction that makes it."""

    id: int
    repo_id: int
    branch: Branch
    head: int | None
    trigger: str
    created: float
    digest: bytes = b""


def digest_of(row: BranchRow, upstream: list[int], never: list[int]) -> bytes:
    """What `digest` must be for this row with these direct provenance branches, some without propagation."""
    held_back: tuple[Field, ...] = ("never", *never) if never else ()
    return row_digest(
        *("branch", row.id, row.repo_id, row.branch.name, row.head, row.trigger, row.created),
        tuple(upstream),
        *held_back,
    )


@lru_cache(maxsize=1024)
def _row(row: Row) -> BranchRow:
    number, repo_id, project, repo, type_, name, head, trigger, created, digest = row
    return BranchRow(
        number, repo_id, Branch(Repo(project, repo, type_), name), head, trigger, created, digest
    )


def get(tx: Tx, branch: Branch) -> BranchRow | None:
    """The row of a branch, if there is one."""
    repo = branch.repo
    row = tx.one(
        f"{_SELECT} WHERE r.project = ? AND r.name = ? AND r.type = ? AND b.name = ?",
        (repo.project, repo.name, repo.type, branch.name),
    )
    return _row(row) if row else None


def by_id(tx: Tx, branch_id: int) -> BranchRow:
    """The row with this id, which must exist."""
    (row,) = tx.all(f"{_SELECT} WHERE b.id = ?", (branch_id,))
    return _row(row)


def of_repo(tx: Tx, repo_id: int) -> list[BranchRow]:
    """The branches of a repo, newest first."""
    return [_row(row) for row in tx.all(f"{_SELECT} WHERE b.repo = ? ORDER BY b.id DESC", (repo_id,))]


def of_repos(tx: Tx, repo_ids: list[int]) -> dict[int, list[BranchRow]]:
    """As `of_repo`, by repo, of all that have any."""
    found: dict[int, list[BranchRow]] = {}
    where = "WHERE b.repo IN (SELECT value FROM json_each(?)) ORDER BY b.id DESC"
    for row in map(_row, tx.all(f"{_SELECT} {where}", (json.dumps(repo_ids),))):
        found.setdefault(row.repo_id, []).append(row)
    return found


def all_(tx: Tx) -> list[BranchRow]:
    """Every branch, newest first."""
    return [_row(row) for row in tx.all(f"{_SELECT} ORDER BY b.id DESC")]


def on_commits(tx: Tx, commit_ids: list[int]) -> list[BranchRow]:
    """The branches whose head is one of these commits, oldest first."""
    where = "WHERE b.head IN (SELECT value FROM json_each(?)) ORDER BY b.id"
    return [_row(row) for row in tx.all(f"{_SELECT} {where}", (json.dumps(commit_ids),))]


def triggered(tx: Tx) -> list[BranchRow]:
    """The branches that have a trigger, oldest first."""
    return [_row(row) for row in tx.all(f"{_SELECT} WHERE b.\"trigger\" <> '' ORDER BY b.id")]


def insert(tx: Tx, repo_id: int, branch: Branch, created: float) -> BranchRow:
    """Add a branch without head, provenance or trigger."""
    number = tx.insert(
        "INSERT INTO branches (repo, name, \"trigger\", created, digest) VALUES (?, ?, '', ?, x'')",
        (repo_id, branch.name, created),
    )
    row = BranchRow(number, repo_id, branch, None, "", created)
    save(tx, row)
    return row


def save(tx: Tx, row: BranchRow) -> None:
    """Write head and trigger, and the digest anew."""
    digest = digest_of(row, upstream_ids(tx, row.id), never_ids(tx, row.id))
    tx.execute(
        'UPDATE branches SET head = ?, "trigger" = ?, digest = ? WHERE id = ?',
        (row.head, row.trigger, digest, row.id),
    )


def delete(tx: Tx, branch_id: int) -> None:
    """Remove a branch that is in no provenance; its own edges go with it."""
    tx.execute("DELETE FROM branches WHERE id = ?", (branch_id,))


def set_upstream(tx: Tx, row: BranchRow, upstream: list[int], never: Collection[int] = ()) -> None:
    """Replace the direct provenance by these branch ids, in this order; nothing flows down from `never`."""
    tx.execute("DELETE FROM branch_provenance WHERE branch = ?", (row.id,))
    tx.many(
        "INSERT INTO branch_provenance (branch, position, upstream, never) VALUES (?, ?, ?, ?)",
        [(row.id, position, number, int(number in never)) for position, number in enumerate(upstream)],
    )
    save(tx, row)


def upstream_ids(tx: Tx, branch_id: int) -> list[int]:
    """The direct provenance, in the order given at creation."""
    rows = tx.all("SELECT upstream FROM branch_provenance WHERE branch = ? ORDER BY position", (branch_id,))
    return [row[0] for row in rows]


def upstream_of_all(tx: Tx) -> dict[int, list[tuple[int, bool]]]:
    """As `upstream_ids`, by branch, of all that have any; with whether it is one of `never_ids`."""
    edges: dict[int, list[tuple[int, bool]]] = {}
    for branch, upstream, never in tx.all(
        "SELECT branch, upstream, never FROM branch_provenance ORDER BY branch, position"
    ):
        edges.setdefault(branch, []).append((upstream, bool(never)))
    return edges


def never_ids(tx: Tx, branch_id: int) -> list[int]:
    """Those of the direct provenance whose new heads do not flow down to this branch."""
    rows = tx.all(
        "SELECT upstream FROM branch_provenance WHERE branch = ? AND never ORDER BY position", (branch_id,)
    )
    return [row[0] for row in rows]


def downstream_ids(tx: Tx, branch_id: int) -> list[int]:
    """The direct subvenance, oldest branch first."""
    rows = tx.all("SELECT branch FROM branch_provenance WHERE upstream = ? ORDER BY branch", (branch_id,))
    return [row[0] for row in rows]


def provenance_ids(tx: Tx, branch_id: int) -> list[int]:
    """All branches that this one comes from, oldest first; never itself, unless the graph is damaged."""
    rows = tx.all(
        "WITH RECURSIVE seen (id) AS (SELECT upstream FROM branch_provenance WHERE branch = ?"
        " UNION SELECT p.upstream FROM branch_provenance p JOIN seen ON p.branch = seen.id)"
        " SELECT id FROM seen ORDER BY id",
        (branch_id,),
    )
    return [row[0] for row in rows]


def subvenance_ids(tx: Tx, branch_id: int) -> list[int]:
    """All branches that come from this one, oldest first."""
    rows = tx.all(
        "WITH RECURSIVE seen (id) AS (SELECT branch FROM branch_provenance WHERE upstream = ?"
        " UNION SELECT p.branch FROM branch_provenance p JOIN seen ON p.upstream = seen.id)"
        " SELECT id FROM seen ORDER BY id",
        (branch_id,),
    )
    return [row[0] for row in rows]


def flow_ids(tx: Tx, branch_id: int) -> list[int]:
    """All branches that a new head of this one flows down to, oldest first."""
    rows = tx.all(
        "WITH RECURSIVE seen (id) AS (SELECT branch FROM branch_provenance WHERE upstream = ? AND NOT never"
        " UNION SELECT p.branch FROM branch_provenance p JOIN seen ON p.upstream = seen.id AND NOT p.never)"
        " SELECT id FROM seen ORDER BY id",
        (branch_id,),
    )
    return [row[0] for row in rows]
