"""Finding what makes a tree invalid. Pages count the conflicts below them: a good tree answers at once."""

from __future__ import annotations

from calf.storage.contents import Get
from calf.storage.trees.pages import Load, loading
from calf.storage.trees.read import root_row
from calf.storage.trees.rows import FileRow, sums
from calf.storage.trees.values import Collision, Conflict, Duplicate


def conflict(get: Get, root: bytes | None) -> Conflict | None:
    """The first conflict in path order: a path with two owners, or one that is both file and directory."""
    return sized(get, root)[1]


def sized(get: Get, root: bytes | None) -> tuple[int, Conflict | None]:
    """The bytes in all files of the tree, and its first conflict."""
    if root is None:
        return 0, None
    load = loading(get)
    start = root_row(load, root)
    return start.size, _first(load, "/", start.id) if start.conflicts else None


def _first(load: Load, prefix: str, page_id: bytes) -> Conflict:
    """The first conflict in a directory's page that is known to have one."""
    level, rows = load(page_id)
    row = next(row for row in rows if sums(row)[2])
    if isinstance(row, FileRow):
        return _of_file(prefix + row.key, row)
    return _first(load, prefix if level else prefix + row.key, row.id)


def _of_file(path: str, row: FileRow) -> Conflict:
    if len(row.owners) > 1:
        return Duplicate(path, row.owners[0].tag, row.owners[1].tag)
    return Collision(path)
