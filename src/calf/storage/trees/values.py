"""What changes in a tree, and what can be wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calf.model.content import Content, Entry
from calf.storage.trees.rows import Below


@dataclass(frozen=True, slots=True)
class PutEntry:
    """Set the content of (path, tag), whatever was there."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class PutContents:
    """Set the contents that this owner has at these paths, whatever was there: many `PutEntry` at once."""

    tag: str
    contents: Mapping[str, Content]


@dataclass(frozen=True, slots=True)
class DeletePath:
    """Remove the file at exactly this path, of one owner or (None) of all. Nothing there: nothing happens."""

    path: str
    tag: str | None


@dataclass(frozen=True, slots=True)
class DeleteBelow:
    """Remove every file below a directory, of one owner or (None) of all; a file of that very name stays.

    With a tag it visits the whole directory; several of them in a row are done in one visit.
    """

    path: str
    tag: str | None


@dataclass(frozen=True, slots=True)
class PutTree:
    """Put a stored directory in place of all that is below a path; a file of that very name stays."""

    path: str
    directory: Below


Change = PutEntry | PutContents | PutTree | DeletePath | DeleteBelow


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two owners wrote one path."""

    path: str
    tag1: str
    tag2: str


@dataclass(frozen=True, slots=True)
class Collision:
    """A path is both a file and a directory."""

    path: str


Conflict = Duplicate | Collision
