"""Comparing two trees by content, reading only what differs.

Equal hashes stand for equal names and bytes, and page boundaries depend on keys alone. So, level by level,
pages that both sides have drop out, and what is left is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from calf.model.content import Node
from calf.storage.contents import Get
from calf.storage.trees.pages import Load, loading, scan
from calf.storage.trees.read import nodes, root_row, rows_at
from calf.storage.trees.rows import Below, Row, content_hash

Pair = tuple[Node | None, Node | None]


Enter = Callable[[str], bool]
"""Says of a directory whether what is in it is of interest."""


def _everywhere(_directory: str) -> bool:
    return True


def diff(
    get: Get, old: bytes | None, new: bytes | None, path: str = "/", enter: Enter = _everywhere
) -> Iterator[Pair]:
    """What differs at or below a path, in path order: (None, new), (old, None), or both if changed.

    A directory comes before what is in it, which is left out unless there is reason to `enter`. Who owns a
    file does not count.
    """
    if old == new:
        return
    sides = _Sides(get, loading(get), enter)
    prefix = path.rpartition("/")[0] + "/"
    yield from _rows(sides, prefix, rows_at(sides.load, old, path), rows_at(sides.load, new, path))


class _Sides(NamedTuple):
    """How both trees are read."""

    get: Get
    load: Load
    enter: Enter


def _rows(sides: _Sides, prefix: str, old: Iterable[Row], new: Iterable[Row]) -> Iterator[Pair]:
    for before, after in _join(old, new):
        if before is None and after is not None:
            yield from ((None, node) for node in _whole(sides, prefix, after))
        elif after is None and before is not None:
            yield from ((node, None) for node in _whole(sides, prefix, before))
        elif before is not None and after is not None and content_hash(before) != content_hash(after):
            yield from _changed(sides, prefix, before, after)


def _whole(sides: _Sides, prefix: str, row: Row) -> Iterator[Node]:
    """What only one side has."""
    yield from nodes(sides.get, prefix, row)
    path = prefix + row.key
    if isinstance(row, Below) and sides.enter(path):
        for child in scan(sides.load, row.id):
            yield from _whole(sides, path, child)


def _changed(sides: _Sides, prefix: str, old: Row, new: Row) -> Iterator[Pair]:
    get, load, enter = sides
    if isinstance(old, Below) and isinstance(new, Below):
        yield next(nodes(get, prefix, old)), next(nodes(get, prefix, new))
        below = prefix + old.key
        if enter(below):
            old_leaves, new_leaves = _differing(load, old.id, new.id)
            yield from _rows(sides, below, _all(load, old_leaves), _all(load, new_leaves))
        return
    before = {node.entry.tag: node for node in nodes(get, prefix, old) if node.entry}
    after = {node.entry.tag: node for node in nodes(get, prefix, new) if node.entry}
    if len(before) == len(after) == 1:
        yield next(iter(before.values())), next(iter(after.values()))
        return
    for tag in sorted(before.keys() | after.keys()):
        left, right = before.get(tag), after.get(tag)
        if left is None or right is None or left.hash != right.hash:
            yield left, right


def _differing(load: Load, old: bytes, new: bytes) -> tuple[list[Below], list[Below]]:
    """The level-0 pages that only one of two directories has."""
    left, right = [root_row(load, old)], [root_row(load, new)]
    left_level, right_level = load(old).level, load(new).level
    while True:
        if left_level == right_level:
            both = {row.hash for row in left} & {row.hash for row in right}
            left = [row for row in left if row.hash not in both]
            right = [row for row in right if row.hash not in both]
            if left_level == 0:
                return left, right
        level = max(left_level, right_level) - 1
        if left_level > level:
            left, left_level = _open(load, left), level
        if right_level > level:
            right, right_level = _open(load, right), level


def _open(load: Load, pages: list[Below]) -> list[Below]:
    return [row for page in pages for row in load(page.id).rows if isinstance(row, Below)]


def _all(load: Load, leaves: list[Below]) -> Iterator[Row]:
    for leaf in leaves:
        yield from load(leaf.id).rows


def _join(old: Iterable[Row], new: Iterable[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Rows of two sorted sequences, paired by key."""
    olds, news = iter(old), iter(new)
    before, after = next(olds, None), next(news, None)
    while before is not None or after is not None:
        if after is None or (before is not None and before.key < after.key):
            yield before, None
            before = next(olds, None)
        elif before is None or after.key < before.key:
            yield None, after
            after = next(news, None)
        else:
            yield before, after
            before, after = next(olds, None), next(news, None)
