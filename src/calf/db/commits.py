"""Rows of commits: each with a digest of itself and its edges; SQLite refuses to change a finished one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from calf.db import provenance
from calf.db.digest import row_digest
from calf.db.provenance import Edge
from calf.db.tx import Row, Tx
from calf.model.refs import Commit, Repo
from calf.model.states import OriginKind

_FROZEN = (
    "repo",
    "set_id",
    "origin",
    "description",
    "started",
    "finishing",
    "finished",
    "error",
    "size",
    "root",
    "written",
)
SCHEMA = (
    """CREATE TABLE commits (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        repo INTEGER NOT NULL REFERENCES repos (id),
        set_id TEXT NOT NULL,
        branch INTEGER REFERENCES branches (id) ON DELETE SET NULL,
        parent INTEGER REFERENCES commits (id),
        origin INTEGER NOT NULL,
        description TEXT NOT NULL,
        started REAL NOT NULL,
        finishing REAL NOT NULL,
        finished REAL NOT NULL,
        error TEXT NOT NULL,
        size INTEGER,
        root BLOB,
        written INTEGER NOT NULL,
        digest BLOB NOT NULL,
        UNIQUE (set_id, repo)
    ) STRICT""",
    "CREATE INDEX commits_by_repo ON commits (repo, id)",
    "CREATE INDEX commits_by_branch ON commits (branch, id)",
    "CREATE INDEX commits_by_parent ON commits (parent)",
    "CREATE INDEX commits_open ON commits (id) WHERE finished = 0",
    f"""CREATE TRIGGER commits_never_change BEFORE UPDATE OF {", ".join(_FROZEN)} ON commits
        WHEN OLD.finished <> 0 AND ({" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FROZEN)})
        BEGIN SELECT RAISE (ABORT, 'a finished commit never changes'); END""",
)
_FORGETTING = "NEW.forgotten AND NEW.root IS NULL"
_CHANGED = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FROZEN if name != "root")
SCHEMA_2 = (
    "ALTER TABLE commits ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0",
    "DROP TRIGGER commits_never_change",
    f"""CREATE TRIGGER commits_never_change BEFORE UPDATE OF {", ".join((*_FROZEN, "forgotten"))} ON commits
        WHEN OLD.finished <> 0 AND ({_CHANGED} OR NEW.forgotten < OLD.forgotten
            OR (NEW.root IS NOT OLD.root AND NOT ({_FORGETTING})))
        BEGIN SELECT RAISE (ABORT, 'a finished commit never changes'); END""",
)
SCHEMA_4 = (
    "ALTER TABLE commits ADD COLUMN label INTEGER",  # `branch` again: no digest can cover what gets lost
    "UPDATE commits SET label = branch",
    """CREATE TRIGGER labels_go_with_their_branch BEFORE DELETE ON branches
        BEGIN UPDATE commits SET label = NULL WHERE branch = OLD.id; END""",
)
_SELECT = (
    "SELECT c.id, c.repo, r.project, r.name, r.type, c.set_id, c.branch, coalesce(b.name, ''), c.parent,"
    " c.origin, c.description, c.started, c.finishing, c.finished, c.error, c.size, c.root, c.written,"
    " c.forgotten, c.digest"
    " FROM commits c JOIN repos r ON r.id = c.repo LEFT JOIN branches b ON b.id = c.branch"
)


@dataclass(frozen=True, slots=True)
class CommitRow:
    """A commit as stored; later ones have larger ids. `branch`: where it was made, empty once that is gone.

    `root` is the tree of all files and counts only when `written`: a commit that nothing was written to holds
    what its base holds. `size` in bytes, None until finished. Times are 0.0 until they happen. `forgotten`:
    its tree was given up, all else is as it was.
    """

    id: int
    repo_id: int
    commit: Commit
    branch_id: int | None
    branch: str
    parent: int | None
    origin: OriginKind
    description: str
    started: float
    finishing: float = 0.0
    finished: float = 0.0
    error: str = ""
    size: int | None = None
    root: bytes | None = None
    written: bool = False
    forgotten: bool = False
    digest: bytes = b""


def digest_of(row: CommitRow, edges: list[Edge]) -> bytes:
    """What `digest` must be for this row and these edges; not of the branch label, which may get lost."""
    return row_digest(
        "commit",
        *(row.id, row.repo_id, row.commit.id, row.parent, int(row.origin), row.description),
        *(row.started, row.finishing, row.finished, row.error, row.size, row.root, int(row.written)),
        *(part for edge in edges for part in (edge.upstream, edge.branch)),
        *(("forgotten",) if row.forgotten else ()),
    )


_repo = lru_cache(maxsize=4096)(Repo)
"""One object a repo, which is soon found to be equal to itself."""


@lru_cache(maxsize=1024)
def _row(row: Row) -> CommitRow:
    number, repo_id, project, name, type_, set_id, branch_id, branch, parent, origin, *rest = row
    description, started, finishing, finished, error, size, root, written, forgotten, digest = rest
    return CommitRow(
        number,
        repo_id,
        Commit(_repo(project, name, type_), set_id),
        branch_id,
        branch,
        parent,
        OriginKind(origin),
        description,
        started,
        finishing,
        finished,
        error,
        size,
        root,
        bool(written),
        bool(forgotten),
        digest,
    )


def select(tx: Tx, rest: str, params: tuple[object, ...] = ()) -> list[CommitRow]:
    """The commits that `rest` (what follows FROM) asks for: `c` the commit, `r` its repo, `b` its branch."""
    return [_row(row) for row in tx.all(f"{_SELECT} {rest}", params)]


def get(tx: Tx, commit: Commit) -> CommitRow | None:
    """The row of a commit, if there is one."""
    repo = commit.repo
    rows = select(
        tx,
        "WHERE c.set_id = ? AND r.project = ? AND r.name = ? AND r.type = ?",
        (commit.id, repo.project, repo.name, repo.type),
    )
    return rows[0] if rows else None


def by_id(tx: Tx, commit_id: int) -> CommitRow:
    """The row with this id, which must exist."""
    (row,) = select(tx, "WHERE c.id = ?", (commit_id,))
    return row


def by_ids(tx: Tx, commit_ids: list[int]) -> list[CommitRow]:
    """The rows with these ids, as far as they exist, oldest first."""
    return select(
        tx, "WHERE c.id IN (SELECT value FROM json_each(?)) ORDER BY c.id", (json.dumps(commit_ids),)
    )


def of_set(tx: Tx, set_id: str) -> list[CommitRow]:
    """The commits that one transaction made, oldest first, which is provenance first."""
    return select(tx, "WHERE c.set_id = ? ORDER BY c.id", (set_id,))


def newest_of_sets(tx: Tx, project: str, before: int, limit: int) -> list[CommitRow]:
    """The newest commit of each set, newest set first, of those older than row `before`.

    With `project`, only sets that have a commit in it.
    """
    return select(
        tx,
        "WHERE c.id < ? AND NOT EXISTS (SELECT 1 FROM commits d WHERE d.set_id = c.set_id AND d.id > c.id)"
        " AND (? = '' OR EXISTS (SELECT 1 FROM commits p JOIN repos q ON q.id = p.repo"
        " WHERE p.set_id = c.set_id AND q.project = ?)) ORDER BY c.id DESC LIMIT ?",
        (before, project, project, limit),
    )


def names(tx: Tx, commit_ids: list[int]) -> dict[int, tuple[Commit, str]]:
    """What commits are called, with their branch, by id: all that a record says of its neighbours.

    A commit of a spec has thousands of them, so it is not their rows that are read.
    """
    rows = tx.all(
        "SELECT c.id, c.repo, c.set_id, coalesce(b.name, '') FROM commits c"
        " LEFT JOIN branches b ON b.id = c.branch WHERE c.id IN (SELECT value FROM json_each(?))",
        (json.dumps(commit_ids),),
    )
    repos = {
        number: _repo(*name)
        for number, *name in tx.all(
            "SELECT id, project, name, type FROM repos WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted({row[1] for row in rows})),),
        )
    }
    return {number: (Commit(repos[repo], set_id), branch) for number, repo, set_id, branch in rows}


def children_of(tx: Tx, commit_ids: list[int]) -> dict[int, list[int]]:
    """The ids of the commits whose parent is one of these, by that one's id, oldest first."""
    found: dict[int, list[int]] = {}
    for parent, number in tx.all(
        "SELECT parent, id FROM commits WHERE parent IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(commit_ids),),
    ):
        found.setdefault(parent, []).append(number)
    return found


def children(tx: Tx, commit_id: int) -> list[CommitRow]:
    """The commits whose parent this is, oldest first."""
    return select(tx, "WHERE c.parent = ? ORDER BY c.id", (commit_id,))


def line(tx: Tx, commit_id: int | None) -> Iterator[CommitRow]:
    """The commit, its parent, that one's parent, to the first; nothing for None."""
    while commit_id is not None:
        row = by_id(tx, commit_id)
        yield row
        commit_id = row.parent


def insert(tx: Tx, row: CommitRow, edges: list[Edge]) -> int:
    """Add a commit with its provenance; `row.id` is ignored, the new id comes back."""
    number = tx.insert(
        "INSERT INTO commits (repo, set_id, branch, label, parent, origin, description, started, finishing,"
        " finished, error, written, digest) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, 0.0, 0.0, '', 0, x'')",
        (
            row.repo_id,
            row.commit.id,
            row.branch_id,
            row.parent,
            int(row.origin),
            row.description,
            row.started,
        ),
    )
    provenance.insert(tx, number, edges)
    _save(tx, replace(row, id=number), sorted(edges, key=lambda edge: edge.upstream))
    return number


def save(tx: Tx, row: CommitRow) -> None:
    """Write what may change of a commit, and the digest anew."""
    _save(tx, row, provenance.upstream(tx, row.id))


def _save(tx: Tx, row: CommitRow, edges: list[Edge]) -> None:
    content = (row.parent, row.description, row.finishing, row.finished, row.error, row.size, row.root)
    digest = digest_of(row, edges)
    tx.execute(
        "UPDATE commits SET parent = ?, description = ?, finishing = ?, finished = ?, error = ?, size = ?,"
        " root = ?, written = ?, forgotten = ?, digest = ? WHERE id = ?",
        (*content, int(row.written), int(row.forgotten), digest, row.id),
    )


def wrong_labels(tx: Tx) -> Iterator[str]:
    """Commits whose label of a branch is not what was written, in words."""
    for row in select(tx, "WHERE c.branch IS NOT c.label ORDER BY c.id"):
        yield f"the branch that commit {row.commit} was made on was changed behind the engine's back"


def delete(tx: Tx, commit_ids: list[int]) -> None:
    """Remove commits on which no branch stands, and which nobody comes from but themselves.

    Children elsewhere must have another parent before.
    """
    ids = json.dumps(commit_ids)
    tx.execute("UPDATE commits SET parent = NULL WHERE id IN (SELECT value FROM json_each(?))", (ids,))
    tx.execute("DELETE FROM commit_provenance WHERE downstream IN (SELECT value FROM json_each(?))", (ids,))
    tx.execute("DELETE FROM commits WHERE id IN (SELECT value FROM json_each(?))", (ids,))


def delete_of_repos(tx: Tx, repo_ids: list[int]) -> None:
    """Remove all commits of these repos, on which no branch stands any more.

    Commits elsewhere that were computed from them lose those edges, and their digest is written anew.
    """
    ids = json.dumps(repo_ids)
    users = select(
        tx,
        "WHERE c.repo NOT IN (SELECT value FROM json_each(?1)) AND c.id IN (SELECT p.downstream"
        " FROM commit_provenance p JOIN commits u ON u.id = p.upstream"
        " WHERE u.repo IN (SELECT value FROM json_each(?1)))",
        (ids,),
    )
    tx.execute(
        "WITH doomed (id) AS (SELECT id FROM commits WHERE repo IN (SELECT value FROM json_each(?)))"
        " DELETE FROM commit_provenance"
        " WHERE upstream IN (SELECT id FROM doomed) OR downstream IN (SELECT id FROM doomed)",
        (ids,),
    )
    tx.execute("DELETE FROM commits WHERE repo IN (SELECT value FROM json_each(?))", (ids,))
    for row in users:
        save(tx, row)
