"""File contents and tree entries: what rooms hand each other instead of bytes."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_TAG = "default"


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of one file, by reference.

    `hash` is the BLAKE3 of the whole content (32 bytes), `size` its length. `chunks` lists the objects that
    hold it, in order; it is empty for an empty file, and one chunk's id equals `hash`. The same bytes have
    the same `hash` and `chunks`, however they were written.
    """

    hash: bytes
    size: int
    chunks: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a tree: `path` absolute and clean (`/a/b`), `tag` the datum that owns it."""

    path: str
    tag: str
    content: Content


@dataclass(frozen=True, slots=True)
class Node:
    """A path as found in a tree: a file (`entry` set) or a directory; a directory's `path` ends in `/`.

    `hash` is of the content alone: equal for equal bytes below equal names, whatever datum owns them.
    `files` counts the files at or below.
    """

    path: str
    hash: bytes
    size: int
    files: int
    entry: Entry | None = None

    @property
    def is_dir(self) -> bool:
        """Whether this is a directory."""
        return self.entry is None
