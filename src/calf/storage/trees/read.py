"""Asking a tree: one path, a directory's children, everything below.

Paths are absolute and clean (`calf.kit.paths.clean`). A root of None is the empty tree, in which there is
nothing, not even `/`. Nodes come in the order of their full paths, a directory counting as `/d/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from calf.model.content import Entry, Node
from calf.storage.contents import Get
from calf.storage.objects import EMPTY_HASH
from calf.storage.trees.pages import Load, describe, loading, lookup, scan, scan_back
from calf.storage.trees.rows import Below, FileRow, Row, content

_PAGES_KEPT = 512


def summary(get: Get, root: bytes | None) -> Node:
    """The root directory, also of an empty tree: hash, size, number of files."""
    return Node("/", EMPTY_HASH, 0, 0) if root is None else _node("/", root_row(loading(get), root))


def find(get: Get, root: bytes | None, path: str) -> list[Node]:
    """What is at this path: several when it has several owners or is both file and directory."""
    return finder(get, root)(path)


def finder(get: Get, root: bytes | None) -> Callable[[str], list[Node]]:
    """As `find`, for many paths of one tree: keeps the pages that it has seen lately."""
    load = lru_cache(maxsize=_PAGES_KEPT)(loading(get))
    return lambda path: [node for row in rows_at(load, root, path) for node in nodes(get, _parent(path), row)]


def children(
    get: Get, root: bytes | None, path: str, after: str = "", reverse: bool = False
) -> Iterator[Node]:
    """The children of a directory (of none: nothing), from the first beyond the full path `after`.

    In reverse, `after` is still what was seen last: the next ones are below it.
    """
    load = loading(get)
    prefix = _prefix(path)
    start = directory(load, root, path)
    if start is None:
        return
    if after == prefix or not after.startswith(prefix):
        if after and (after <= prefix) == reverse:
            return
        after = ""
    walk_rows = scan_back if reverse else scan
    for row in walk_rows(load, start, after[len(prefix) :]):
        yield from nodes(get, prefix, row)


def walk(get: Get, root: bytes | None, path: str = "/", after: str = "") -> Iterator[Node]:
    """The path itself and everything below it, from the first beyond the full path `after`."""
    load = loading(get)
    for row in rows_at(load, root, path):
        yield from walk_row(get, load, _parent(path), row, after)


def entries(get: Get, root: bytes | None, path: str = "/", after: str = "") -> Iterator[Entry]:
    """The files at or below a path, from the first beyond the full path `after`."""
    return (node.entry for node in walk(get, root, path, after) if node.entry)


def rows_at(load: Load, root: bytes | None, path: str) -> list[Row]:
    """The file's and the directory's row of a path, as far as they are there."""
    if path == "/":
        return [] if root is None else [root_row(load, root)]
    folder = directory(load, root, _parent(path))
    name = path.rpartition("/")[2]
    return [row for key in (name, name + "/") if (row := lookup(load, folder, key))]


def root_row(load: Load, root: bytes) -> Below:
    """The root directory as a row; its key is empty, so that its path is its parent's."""
    return describe(load(root), root, "")


def directory(load: Load, root: bytes | None, path: str) -> bytes | None:
    """The first page of the directory at this path."""
    for part in path.split("/"):
        if part and root is not None:
            row = lookup(load, root, part + "/")
            root = row.id if isinstance(row, Below) else None
    return root


def nodes(get: Get, prefix: str, row: Row) -> Iterator[Node]:
    """A row of the directory at `prefix` (with its slash) as nodes: one for each owner of a file."""
    path = prefix + row.key
    if isinstance(row, FileRow):
        for owner in row.owners:
            entry = Entry(path, owner.tag, content(get, owner))
            yield Node(path, owner.hash, owner.size, 1, entry)
    else:
        yield _node(path, row)


def _node(path: str, row: Below) -> Node:
    return Node(path, row.hash, row.size, row.files)


def walk_row(get: Get, load: Load, prefix: str, row: Row, after: str = "") -> Iterator[Node]:
    """The row's own nodes and everything below it, beyond the full path `after`."""
    path = prefix + row.key
    if path > after:
        yield from nodes(get, prefix, row)
        after = ""
    if isinstance(row, Below) and (not after or after.startswith(path)):
        seen = after[len(path) :].partition("/")[0]
        for child in scan(load, row.id, seen):
            yield from walk_row(get, load, path, child, after)


def _prefix(path: str) -> str:
    return path if path == "/" else path + "/"


def _parent(path: str) -> str:
    return "/" if path == "/" else path.rpartition("/")[0] + "/"
