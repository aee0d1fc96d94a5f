"""The rows of tree pages, in the form in which they are stored: tuples that msgpack writes as arrays.

A directory's rows are sorted by key. A file's key is its name and a directory's its name and a slash, which
gives Pachyderm's path order. One row holds all owners of a path, so that two owners of one path meet in one
place.
"""

from __future__ import annotations

from typing import NamedTuple

from blake3 import blake3
from msgpack import packb, unpackb  # type: ignore[import-untyped]  # it ships no types

from calf.model.content import Content
from calf.storage.contents import Get, Put
from calf.storage.objects import ID_SIZE

_INLINE = 16


class Owner(NamedTuple):
    """A file's content and whose it is.

    `chunks`: None for a single chunk (its id is `hash`) or none at all, up to 16 ids in a row, or, in a
    list, the id of an object that holds more of them.
    """

    tag: str
    size: int
    hash: bytes
    chunks: bytes | list[bytes] | None


class FileRow(NamedTuple):
    """A file: its owners, sorted by tag, and whether a subdirectory of the same name stands beside it."""

    key: str
    collides: bool
    owners: list[Owner]


class Below(NamedTuple):
    """What a parent knows of pages below it.

    They are a subdirectory's (`key` is its name and `/`), or one page of this directory (`key` is the last
    in it). `id` is the object's, with owners and all; `hash` is of content alone.
    """

    key: str
    id: bytes
    hash: bytes
    size: int
    files: int
    conflicts: int


Row = FileRow | Below


def owner(put: Put, tag: str, content: Content) -> Owner:
    """The stored form of a content."""
    ids = content.chunks
    if len(ids) <= 1:
        return Owner(tag, content.size, content.hash, None)
    if len(ids) <= _INLINE:
        return Owner(tag, content.size, content.hash, b"".join(ids))
    return Owner(tag, content.size, content.hash, [put(b"".join(ids))])


def content(get: Get, of: Owner) -> Content:
    """The content that `owner` stored."""
    if of.chunks is None:
        return Content(of.hash, of.size, (of.hash,) if of.size else ())
    ids = get(of.chunks[0]) if isinstance(of.chunks, list) else of.chunks
    return Content(of.hash, of.size, tuple(ids[i : i + ID_SIZE] for i in range(0, len(ids), ID_SIZE)))


def content_hash(row: Row) -> bytes:
    """The hash of what the row stands for, without owners."""
    if isinstance(row, Below):
        return row.hash
    if len(row.owners) == 1:
        return row.owners[0].hash
    return blake3(b"".join(sorted(owner.hash for owner in row.owners))).digest()


def sums(row: Row) -> tuple[int, int, int]:
    """Size, number of files, and number of conflicts."""
    if isinstance(row, Below):
        return row.size, row.files, row.conflicts
    owners = row.owners
    if len(owners) == 1:
        return owners[0].size, 1, int(row.collides)
    return sum(owner.size for owner in owners), len(owners), len(owners) - 1 + row.collides


def pack(value: object) -> bytes:
    """A value as bytes; equal values give equal bytes."""
    data: bytes = packb(value)
    return data


def encode(level: int, rows: list[Row]) -> bytes:
    """A page as an object's bytes; the same rows always give the same bytes."""
    return pack((level, rows))


def decode(data: bytes) -> tuple[int, list[Row]]:
    """Level and rows of a page."""
    level, raw = unpackb(data, use_list=True)
    if level:
        return level, [Below(*row) for row in raw]
    return level, [
        Below(*row) if row[0][-1] == "/" else FileRow(row[0], row[1], [Owner(*owner) for owner in row[2]])
        for row in raw
    ]
