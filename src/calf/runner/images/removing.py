"""Removing images that nobody names any more, for a folder without a server."""

from __future__ import annotations

import os
from collections.abc import Container
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from calf.kit.lock import hold_file
from calf.runner.images.store import ImageStore
from calf.runner.workspace import remove_tree

_LOCK = ".builds.lock"
_GONE = ".gone-"


@dataclass(frozen=True, slots=True)
class Unused:
    """Images without a name and environments without an image, with their bytes."""

    images: tuple[str, ...]
    environments: tuple[str, ...]
    size: int


def building(images: ImageStore) -> AbstractContextManager[None]:
    """To be held from before an image is looked for until it has its name: none is removed meanwhile."""
    return hold_file(_lock(images), shared=True)


def find_unused(images: ImageStore, named: Container[str]) -> Unused:
    """The images that are not among the digests `named` and have no name here."""
    tagged = set(images.names().values())
    digests = sorted(f"sha256:{path.parent.name}" for path in images.builds.glob("*/image.json"))
    unused = [digest for digest in digests if digest not in named and digest not in tagged]
    used = {images.manifest(digest).environment for digest in digests if digest not in unused}
    environments = sorted(
        path.name
        for path in images.envs.glob("*/")
        if path.name not in used and not path.name.startswith(".")
    )
    folders = [images.folder(digest) for digest in unused] + [images.envs / name for name in environments]
    return Unused(tuple(unused), tuple(environments), sum(map(_size, folders)))


def remove_unused(images: ImageStore, named: Container[str]) -> Unused:
    """Remove them, each whole or not at all. Raises `Precondition` while an image is built."""
    with hold_file(_lock(images), busy="an image is being built"):
        found = find_unused(images, named)
        for digest in found.images:
            _remove(images.folder(digest))
            images.source_file(digest).unlink(missing_ok=True)
        for name in found.environments:
            _remove(images.envs / name)
        for left in (*images.builds.glob(f"{_GONE}*"), *images.envs.glob(f"{_GONE}*")):
            remove_tree(left)
    return found


def _remove(folder: Path) -> None:
    gone = folder.with_name(f"{_GONE}{folder.name}")
    remove_tree(gone)
    folder.rename(gone)
    remove_tree(gone)


def _size(folder: Path) -> int:
    return sum(Path(place, name).lstat().st_size for place, _, names in os.walk(folder) for name in names)


def _lock(images: ImageStore) -> Path:
    images.builds.mkdir(parents=True, exist_ok=True)
    return images.builds / _LOCK
