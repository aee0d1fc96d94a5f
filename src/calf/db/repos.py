"""Rows of repos."""

from __future__ import annotations

from dataclasses import dataclass

from calf.db.digest import Sealed
from calf.db.tx import Row, Tx
from calf.model.refs import Repo

SCHEMA = (
    """CREATE TABLE repos (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        project TEXT NOT NULL REFERENCES projects (name),
        name TEXT NOT NULL,
        type TEXT NOT NULL,
        description TEXT NOT NULL,
        created REAL NOT NULL,
        UNIQUE (project, name, type)
    ) STRICT""",
)
ROWS = Sealed("repos", ("id",), ("project", "name", "type", "description", "created"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)
_SELECT = "SELECT id, project, name, type, description, created FROM repos"


@dataclass(frozen=True, slots=True)
class RepoRow:
    """A repo as stored; `id` grows with age and is never used twice."""

    id: int
    repo: Repo
    description: str
    created: float


def _row(row: Row) -> RepoRow:
    number, project, name, type_, description, created = row
    return RepoRow(number, Repo(project, name, type_), description, created)


def get(tx: Tx, repo: Repo) -> RepoRow | None:
    """The row of a repo, if there is one."""
    row = tx.one(
        f"{_SELECT} WHERE project = ? AND name = ? AND type = ?", (repo.project, repo.name, repo.type)
    )
    return _row(row) if row else None


def all_(tx: Tx) -> list[RepoRow]:
    """Every repo, newest first."""
    return [_row(row) for row in tx.all(f"{_SELECT} ORDER BY id DESC")]


def siblings(tx: Tx, repo: Repo) -> list[RepoRow]:
    """The repos of the same project and name, of every type."""
    return [
        _row(row) for row in tx.all(f"{_SELECT} WHERE project = ? AND name = ?", (repo.project, repo.name))
    ]


def insert(tx: Tx, repo: Repo, description: str, created: float) -> int:
    """Add a repo; gives its id."""
    number = tx.insert(
        "INSERT INTO repos (project, name, type, description, created) VALUES (?, ?, ?, ?, ?)",
        (repo.project, repo.name, repo.type, description, created),
    )
    ROWS.seal(tx, number)
    return number


def describe(tx: Tx, repo_id: int, description: str) -> None:
    """Replace the description."""
    tx.execute("UPDATE repos SET description = ? WHERE id = ?", (description, repo_id))
    ROWS.seal(tx, repo_id)


def delete(tx: Tx, repo_id: int) -> None:
    """Remove a repo that has neither branches nor commits left."""
    tx.execute("DELETE FROM repos WHERE id = ?", (repo_id,))
