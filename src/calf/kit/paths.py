"""Paths of versioned files, and the only door from them to paths on a disk.

A stored path is absolute, `/`-separated and clean: `/a/b`. It names something below a root that only the
caller knows; nothing that a user or a stage writes may lead outside of that root.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calf.kit.errors import InvalidArgument

GLOB_CHARACTERS = frozenset("*?[]{}!()@+^")
DEEPEST = 200
"""The most elements of a stored path, so that whoever goes down a tree comes to an end."""
_RELATIVE = frozenset({".", ".."})


def clean(path: str) -> str:
    """The path with a leading slash, no trailing one and no empty elements; `""` and `/` give `/`.

    Elements `.` and `..` stay: nothing has such a name, so lookups find nothing and changes are refused.
    """
    return "/" + "/".join(part for part in path.split("/") if part)


def check_put_path(path: str) -> str:
    """The clean path, or `InvalidArgument` with Pachyderm's text when nothing may be stored there."""
    if not (path.isascii() and path.isprintable()):
        raise InvalidArgument(
            f"path ({path}) invalid: only printable ASCII characters allowed",
            "rename the file: a-z, A-Z, 0-9, space and most punctuation are fine",
        )
    if not GLOB_CHARACTERS.isdisjoint(path):
        first = next(character for character in path if character in GLOB_CHARACTERS)
        raise InvalidArgument(
            f"path ({path}) invalid: globbing character ({first}) not allowed in path",
            "rename the file: such characters have a meaning in patterns",
        )
    refuse_relative(path)
    cleaned = clean(path)
    if cleaned == "/":
        raise InvalidArgument(f"path ({path}) invalid: it names the root", "give the file a name")
    if cleaned.count("/") > DEEPEST:
        raise InvalidArgument(f"path ({path}) invalid: more than {DEEPEST} folders deep", "use fewer folders")
    return cleaned


def refuse_relative(path: str) -> None:
    """Raise `InvalidArgument`, with Pachyderm's text, for a path with elements `.` or `..`."""
    if not _RELATIVE.isdisjoint(path.split("/")):
        raise InvalidArgument(
            f"path ({path}) invalid: relative file paths are not allowed",
            "write the path from the repo's root, without `.` and `..`",
        )


def safe_join(root: Path, path: str) -> Path:
    """Where `path` lies below the folder `root`; `InvalidArgument` for whatever would lead elsewhere.

    This judges names only. Links below `root` are the caller's concern: lay files out in folders of your own.
    """
    return root.joinpath(*_parts_below(path))


def safe_place(root: str, path: str) -> str:
    """The same as text, for whoever lays out many files: to name one by `Path` costs more than to make it."""
    return "/".join((root, *_parts_below(path)))


def _parts_below(path: str) -> Iterator[str]:
    parts = path.split("/")
    if "\0" in path or not _RELATIVE.isdisjoint(parts):
        raise InvalidArgument(f"path ({path}) leads outside of its folder")
    return filter(None, parts)
