"""Whether an image still is what its digest says, and if not, which file or package is another."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from calf.model.pps_infos import ImageFault
from calf.runner.images.identity import FileMark, ImageParts, digest_of_environment, digest_of_image
from calf.runner.images.packages import changed_files, installed, locked

LOCK = "requirements.lock"
"""The lock as it was installed, beside what it brought."""


@dataclass(frozen=True, slots=True)
class Build:
    """An image to be examined: its files lie below `tree`, its packages (if it has any) in `environment`.

    `parts` is what its manifest says of the rest, `files` the BLAKE3 (hex) of each file as it was built;
    empty for an image that was built before these were kept.
    """

    name: str
    digest: str
    tree: Path
    environment: Path | None
    parts: ImageParts
    files: Mapping[str, str]


def examine(build: Build, *, packages: bool) -> Iterator[ImageFault]:
    """What is not as the digest says, with `packages` down to every file of a package."""
    if build.parts.python != platform.python_version():
        yield ImageFault(
            "python",
            f"image {build.name} was built for Python {build.parts.python},"
            f" and this machine has {platform.python_version()} now",
        )
    found = {file.place: file for file in _files(build.tree)}
    lock = _true_lock(build, found)
    named = list(_named(build, found, lock))
    yield from named
    parts = build.parts.having(found.values(), lock or b"")
    if not named and lock is not None and digest_of_image(parts) != build.digest:
        what = "a file" if not build.files else "the right to execute a file, or its manifest,"
        yield ImageFault("", f"{what} of image {build.name} differs from its digest {build.digest}")
    if build.environment is not None:
        yield from _examine_packages(build, lock, packages=packages)


@dataclass(frozen=True, slots=True)
class _File(FileMark):
    path: Path


def _files(tree: Path) -> Iterator[_File]:
    """Every file, and whatever lies in a place of one, in order of the places."""
    for folder, folders, names in os.walk(tree):
        folders.sort()
        for name in names + [each for each in folders if Path(folder, each).is_symlink()]:
            path = Path(folder, name)
            plain = path.is_file() and not path.is_symlink()
            digest = _sha256(path) if plain else "no plain file"
            yield _File(f"/{path.relative_to(tree)}", plain and os.access(path, os.X_OK), digest, path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _true_lock(build: Build, found: Mapping[str, _File]) -> bytes | None:
    """The lock whose digest is that of the environment; None when nobody has it any more."""
    if build.environment is None:
        return b""
    places = [build.environment / LOCK, *(file.path for file in found.values())]
    for place in places:
        lock = place.read_bytes() if place.is_file() and not place.is_symlink() else b""
        if digest_of_environment(lock, build.parts.python).partition(":")[2] == build.environment.name:
            return lock
    return None


def _named(build: Build, found: Mapping[str, _File], lock: bytes | None) -> Iterator[ImageFault]:
    """Files that were changed, removed or added since the build."""
    if not build.files:
        return
    of_lock = blake3(lock).hexdigest() if lock else ""
    for place, digest in sorted(build.files.items()):
        if place not in found:
            yield ImageFault(place, f"{place} of image {build.name} is missing")
        elif _blake3(found[place].path) != digest:
            yield ImageFault(place, f"{place} of image {build.name} differs from its digest")
            if lock and digest == of_lock:
                yield from _lines(place, lock, found[place].path)
    for place in sorted(found.keys() - build.files.keys()):
        yield ImageFault(place, f"{place} of image {build.name} was added")


def _blake3(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""
    return str(blake3(max_threads=1).update_mmap(path).hexdigest())


def _lines(place: str, lock: bytes, now: Path) -> Iterator[ImageFault]:
    """Which packages another lock names."""
    before, after = locked(lock), locked(now.read_bytes())
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            line = f"{name}=={before[name]}" if name in before else f"(no {name})"
            yield ImageFault(name, f"{line} → {after.get(name, '(none)')} in {place}")


def _examine_packages(build: Build, lock: bytes | None, *, packages: bool) -> Iterator[ImageFault]:
    assert build.environment is not None, "asked for images with packages only"
    if not build.environment.is_dir():
        yield ImageFault("packages", f"the packages of image {build.name} are gone")
        return
    if lock is None:
        yield ImageFault(LOCK, f"the lock of image {build.name} is not the one that its digest names")
        return
    wanted, there = locked(lock), installed(build.environment)
    for name in sorted(wanted.keys() | there.keys()):
        if wanted.get(name) != there.get(name):
            line = f"{name}=={wanted[name]}" if name in wanted else f"(no {name})"
            yield ImageFault(
                name, f"{line} → {there.get(name, '(none)')} in the packages of image {build.name}"
            )
    if packages:
        for path in changed_files(build.environment):
            yield ImageFault(path, f"{path} in the packages of image {build.name} is not as it was installed")
