"""The pages of one directory: looking a key up, and going through them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import NamedTuple

from blake3 import blake3

from calf.storage.contents import Get
from calf.storage.trees.rows import Below, Row, content_hash, decode, pack, sums

_key = attrgetter("key")


class Page(NamedTuple):
    """Level 0 holds files and subdirectories, a higher level the pages of the level below it."""

    level: int
    rows: list[Row]


Load = Callable[[bytes], Page]
"""Gives the page of an id."""


def loading(get: Get) -> Load:
    """Pages from objects."""
    return lambda page_id: Page(*decode(get(page_id)))


def describe(page: Page, page_id: bytes, key: str) -> Below:
    """The row that stands for a page in its parent."""
    size = files = conflicts = 0
    for row in page.rows:
        more_size, more_files, more_conflicts = sums(row)
        size += more_size
        files += more_files
        conflicts += more_conflicts
    return Below(key, page_id, _hash(page), size, files, conflicts)


def lookup(load: Load, page_id: bytes | None, key: str) -> Row | None:
    """The row of this key in the directory that begins with this page (None: an empty one)."""
    while page_id is not None:
        level, rows = load(page_id)
        at = bisect_left(rows, key, key=_key)
        if at == len(rows):
            return None
        row = rows[at]
        if level == 0:
            return row if row.key == key else None
        page_id = _below(row).id
    return None


def lookup_all(load: Load, page_id: bytes | None, keys: list[str]) -> dict[str, Row]:
    """The rows of these sorted keys, as far as they are there; each page is loaded once."""
    if page_id is None or not keys:
        return {}
    level, rows = load(page_id)
    if level == 0:
        here = {row.key: row for row in rows}
        return {key: here[key] for key in keys if key in here}
    found: dict[str, Row] = {}
    start = 0
    for row in rows:
        stop = bisect_right(keys, row.key, start)
        found |= lookup_all(load, _below(row).id, keys[start:stop])
        start = stop
    return found


def scan(load: Load, page_id: bytes, after: str = "") -> Iterator[Row]:
    """A directory's rows in order, from the first key above `after`."""
    level, rows = load(page_id)
    if level == 0:
        yield from rows[bisect_right(rows, after, key=_key) :]
        return
    for row in rows[bisect_right(rows, after, key=_key) :]:
        yield from scan(load, _below(row).id, after)


def scan_back(load: Load, page_id: bytes, before: str = "") -> Iterator[Row]:
    """A directory's rows in reverse order, from the last key below `before` (empty: from the end)."""
    level, rows = load(page_id)
    stop = bisect_left(rows, before, key=_key) if before else len(rows)
    if level == 0:
        yield from reversed(rows[:stop])
        return
    for row in reversed(rows[: stop + 1]):
        yield from scan_back(load, _below(row).id, before)


def _below(row: Row) -> Below:
    assert isinstance(row, Below)
    return row


def _hash(page: Page) -> bytes:
    """The hash of a page's contents: of names and hashes at level 0, of hashes (which imply names) above."""
    if page.level:
        return blake3(pack((page.level, [content_hash(row) for row in page.rows]))).digest()
    return blake3(pack((0, [(row.key, content_hash(row)) for row in page.rows]))).digest()
