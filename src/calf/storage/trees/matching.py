"""What a glob matches in a tree."""

from __future__ import annotations

from collections.abc import Iterator

from calf.model.content import Node
from calf.model.glob import Glob
from calf.storage.contents import Get
from calf.storage.trees.pages import Load, loading, scan
from calf.storage.trees.read import nodes, rows_at
from calf.storage.trees.rows import Below, Row


def matching(get: Get, root: bytes | None, glob: Glob) -> Iterator[Node]:
    """The files and directories whose whole path matches, in path order.

    Directories in which nothing can match are passed by, so `/images/*` reads that folder and no other.
    """
    load = loading(get)
    for row in rows_at(load, root, "/"):
        yield from _matching(get, load, "/", row, glob)


def _matching(get: Get, load: Load, prefix: str, row: Row, glob: Glob) -> Iterator[Node]:
    path = prefix + row.key
    if glob.matches(path):
        yield from nodes(get, prefix, row)
    if isinstance(row, Below) and glob.may_match_below(path):
        for child in scan(load, row.id):
            yield from _matching(get, load, path, child, glob)
