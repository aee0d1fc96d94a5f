"""Rows of projects."""

from __future__ import annotations

from calf.db.digest import Sealed
from calf.db.tx import Tx
from calf.model.pfs_infos import ProjectInfo

SCHEMA = (
    """CREATE TABLE projects (
        name TEXT PRIMARY KEY,
        description TEXT NOT NULL,
        created REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
)
ROWS = Sealed("projects", ("name",), ("name", "description", "created"))
SCHEMA_4 = (ROWS.add_column, ROWS.seal_all)


def get(tx: Tx, name: str) -> ProjectInfo | None:
    """The project, if there is one of that name."""
    row = tx.one("SELECT name, description, created FROM projects WHERE name = ?", (name,))
    return ProjectInfo(*row) if row else None


def all_(tx: Tx) -> list[ProjectInfo]:
    """Every project, oldest first."""
    rows = tx.all("SELECT name, description, created FROM projects ORDER BY created, name")
    return [ProjectInfo(*row) for row in rows]


def put(tx: Tx, project: ProjectInfo) -> None:
    """Add a project, or replace the description of one."""
    tx.execute(
        "INSERT INTO projects (name, description, created) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET description = excluded.description",
        (project.name, project.description, project.created),
    )
    ROWS.seal(tx, project.name)


def delete(tx: Tx, name: str) -> None:
    """Remove a project that has no repos."""
    tx.execute("DELETE FROM projects WHERE name = ?", (name,))
