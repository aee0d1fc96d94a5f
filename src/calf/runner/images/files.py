"""What an image's `COPY` lines bring: the files of the context, with what counts for the digest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from calf.kit.errors import InvalidArgument
from calf.runner.images.dockerfile import Copy, Recipe

_DERIVED_FOLDERS = frozenset(
    {"__pycache__", ".git", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)
_DERIVED_SUFFIXES = (".pyc", ".pyo")


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file at `target` in the image, from `origin`. Of its rights only `executable` is kept."""

    target: str
    data: bytes
    executable: bool
    origin: Path


def collect(recipe: Recipe, context: Path, dockerfile: Path) -> tuple[ImageFile, ...]:
    """Every file of the image, in order of its place; what is derived from others (`__pycache__`) stays out.

    Raises `InvalidArgument` for a source that is missing, leads outside of the context, or is a link.
    """
    found: dict[str, ImageFile] = {}
    for copy in recipe.copies:
        for file in _copied(copy, context, f"{dockerfile}:{copy.line}"):
            found[file.target] = file
    return tuple(found[target] for target in sorted(found))


def is_derived(path: str) -> bool:
    """Whether a file is made from others by itself, and so never part of an image."""
    *folders, name = path.split("/")
    return name.endswith(_DERIVED_SUFFIXES) or not _DERIVED_FOLDERS.isdisjoint(folders)


def _copied(copy: Copy, context: Path, where: str) -> Iterator[ImageFile]:
    if ".." in copy.source.split("/"):
        raise InvalidArgument(
            f"{where}: {copy.source} leads outside of the context {context}", "copy from inside of it"
        )
    source = context / copy.source
    target = f"{copy.target.rstrip('/')}/{source.name}" if copy.into and not source.is_dir() else copy.target
    if source.is_file() and not source.is_symlink():
        yield _file(source, target)
    elif source.is_dir() and not source.is_symlink():
        yield from _folder(source, target.rstrip("/"), where)
    else:
        raise InvalidArgument(
            f"{where}: there is no file or folder {copy.source} in the context {context}",
            "paths are relative to the context: the repository's root, or --context",
        )


def _folder(source: Path, target: str, where: str) -> Iterator[ImageFile]:
    for entry in sorted(source.iterdir()):
        if entry.is_symlink():
            raise InvalidArgument(f"{where}: {entry} is a link", "copy the file itself")
        if entry.is_dir() and entry.name not in _DERIVED_FOLDERS:
            yield from _folder(entry, f"{target}/{entry.name}", where)
        elif entry.is_file() and not is_derived(entry.name):
            yield _file(entry, f"{target}/{entry.name}")


def _file(path: Path, target: str) -> ImageFile:
    return ImageFile(target, path.read_bytes(), os.access(path, os.X_OK), path)
