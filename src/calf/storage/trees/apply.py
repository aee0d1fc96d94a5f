"""Changing a tree. What is new is stored, what is untouched is shared with the old tree and not even read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from calf.storage.contents import Get, Put
from calf.storage.trees.builder import Builder, Pages
from calf.storage.trees.edits import DirEdit, FileEdit, gather
from calf.storage.trees.pages import lookup_all, scan
from calf.storage.trees.rows import Below, FileRow, Row, owner
from calf.storage.trees.values import Change

_NO_EDIT = DirEdit()
_NO_FILE_EDIT = FileEdit()
_NOBODY: frozenset[str] = frozenset()


def apply(get: Get, put: Put, root: bytes | None, changes: Iterable[Change]) -> bytes | None:
    """The root of the tree with these changes made, in order.

    Trees of equal files, owners and contents have equal roots, however they came about. `get` must give
    what `put` stored: use those of one `Writer`. Costs what changed, not what the tree holds.
    """
    edit = gather(changes)
    new = _rewrite(Pages(get, put), root, edit, _NOBODY)
    return None if new is None else new.id


def _rewrite(pages: Pages, old: bytes | None, edit: DirEdit, dropped: frozenset[str]) -> Below | None:
    """The directory `old` without files of `dropped` owners, then edited; None when it is empty."""
    if edit.wiped:
        old, dropped = edit.planted.id if edit.planted else None, _NOBODY
    if old is None:
        dropped = _NOBODY
    elif edit.dropped:
        dropped |= edit.dropped
    before = _before(pages, old, edit, everything=bool(dropped))
    rows: dict[str, Row | None] = {}
    for name, file_edit in edit.files.items():
        rows[name] = _edit_file(pages, name, before.get(name), file_edit, dropped)
    for name, directory in edit.dirs.items():
        key = name + "/"
        rows[key] = _edit_directory(pages, key, before.get(key), directory, dropped)
    if dropped:
        for key in before.keys() - rows.keys():
            rows[key] = _drop(pages, before[key], dropped)
    _mark_collisions(before, rows)
    return _merge(pages, old, rows)


def _before(pages: Pages, old: bytes | None, edit: DirEdit, *, everything: bool) -> dict[str, Row]:
    """The old rows that the edit may touch: files of its names, and folders."""
    if old is None:
        return {}
    if everything:
        return {row.key: row for row in scan(pages.load, old)}
    names = edit.files.keys() | edit.dirs.keys()
    return lookup_all(pages.load, old, sorted(key for name in names for key in (name, name + "/")))


def _edit_file(
    pages: Pages, name: str, old: Row | None, edit: FileEdit, dropped: frozenset[str]
) -> FileRow | None:
    if old is None and len(edit.put) == 1:
        ((tag, content),) = edit.put.items()
        return FileRow(name, False, [owner(pages.put, tag, content)])
    owners = {}
    if isinstance(old, FileRow) and not edit.wiped:
        gone = dropped | edit.dropped
        owners = {one.tag: one for one in old.owners if one.tag not in gone}
    for tag, content in edit.put.items():
        owners[tag] = owner(pages.put, tag, content)
    return FileRow(name, False, [owners[tag] for tag in sorted(owners)]) if owners else None


def _edit_directory(
    pages: Pages, key: str, old: Row | None, edit: DirEdit, dropped: frozenset[str]
) -> Below | None:
    if edit.planted and not (edit.dropped or edit.files or edit.dirs):
        return edit.planted._replace(key=key)
    new = _rewrite(pages, old.id if isinstance(old, Below) else None, edit, dropped)
    return None if new is None else new._replace(key=key)


def _drop(pages: Pages, row: Row, dropped: frozenset[str]) -> Row | None:
    if isinstance(row, Below):
        return _edit_directory(pages, row.key, row, _NO_EDIT, dropped)
    return _edit_file(pages, row.key, row, _NO_FILE_EDIT, dropped)


def _mark_collisions(before: dict[str, Row], rows: dict[str, Row | None]) -> None:
    """Have each file's row say whether a directory of its name stands beside it, after the edit."""
    folders = {key[:-1] for key in (*before, *rows) if key[-1] == "/"}
    for name in folders:
        file = rows[name] if name in rows else before.get(name)
        if isinstance(file, FileRow):
            key = name + "/"
            collides = (rows[key] if key in rows else before.get(key)) is not None
            if file.collides != collides:
                rows[name] = file._replace(collides=collides)


def _merge(pages: Pages, old: bytes | None, rows: dict[str, Row | None]) -> Below | None:
    builder = Builder(pages)
    keys = sorted(rows)
    if old is None:
        for key in keys:
            row = rows[key]
            if row is not None:
                builder.add(row)
    else:
        _feed(pages, builder, old, keys, rows)
    return builder.finish()


def _feed(
    pages: Pages, builder: Builder, page_id: bytes, keys: list[str], rows: dict[str, Row | None]
) -> None:
    """Give the builder a page's rows, those of `keys` replaced; as whole pages where no key falls in."""
    level, old = pages.load(page_id)
    if level == 0:
        merged = {row.key: row for row in old} | {key: rows[key] for key in keys}
        for key in sorted(merged):
            row = merged[key]
            if row is not None:
                builder.add(row)
        return
    start = 0
    for number, below in enumerate(old):
        stop = len(keys) if number == len(old) - 1 else bisect_right(keys, below.key, start)
        if start == stop and builder.fits(level):
            builder.add(below, level)
        else:
            assert isinstance(below, Below)
            _feed(pages, builder, below.id, keys[start:stop], rows)
        start = stop
