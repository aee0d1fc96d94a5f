"""Whether an image still is what its digest says, and if not, which file or package is another."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from blake3 import blake3

from calf.model.pps_infos import Image, ImageFault
from calf.runner.images.identity import Mark, Parts, digest_of_parts, environment_digest, host_digest
from calf.runner.images.installed import changed_files, installed
from calf.runner.images.packages import LOCK, wanted_packages

if TYPE_CHECKING:
    from calf.runner.images.store import Manifest


@dataclass(frozen=True, slots=True)
class Build:
    """An image as it lies on the disk: its files below `tree`, its packages (if any) in `environment`."""

    name: str
    manifest: Manifest
    tree: Path
    environment: Path | None


def examine_host(image: Image) -> tuple[ImageFault, ...]:
    """What of this machine, which stood in for an image, is not as it was."""
    now = host_digest()
    if now == image.digest:
        return ()
    what = f"this machine's own system (its distribution or its Python) is another: {image.digest} → {now}"
    return (ImageFault("host", what),)


def examine(build: Build, *, packages: bool) -> Iterator[ImageFault]:
    """What is not as the digest says, with `packages` down to every file of a package."""
    manifest, here = build.manifest, platform.python_version()
    if manifest.python != here:
        words = f"image {build.name} was built for Python {manifest.python}, and this machine has {here} now"
        yield ImageFault("python", words)
    files = sorted(_places(build.tree), key=lambda item: item[0])
    lock = _true_lock(build, [path for _, path in files])
    named = list(_named(build, dict(files), lock))
    yield from named
    if not named and lock is not None:
        yield from _unnamed(build, [_mark(*item) for item in files], lock)
    if build.environment is not None:
        yield from _examine_packages(build, build.environment, lock, packages=packages)


def _unnamed(build: Build, marks: list[Mark], lock: bytes) -> Iterator[ImageFault]:
    """What no file's own digest tells: the right to execute one, or what the manifest says beside files."""
    manifest = build.manifest
    parts = Parts(manifest.python, manifest.venv, manifest.workdir, manifest.env)
    if digest_of_parts(parts, marks, lock) == manifest.digest:
        return
    what = "a file"
    if manifest.digests:
        what = "the manifest (variables, working folder) or the right to execute several files"
        for at, mark in enumerate(marks):
            other = [*marks[:at], replace(mark, executable=not mark.executable), *marks[at + 1 :]]
            if digest_of_parts(parts, other, lock) == manifest.digest:
                what = f"the right to execute {mark.place}"
                break
    yield ImageFault("", f"{what} of image {build.name} differs from its digest {manifest.digest}")


def _places(tree: Path) -> Iterator[tuple[str, Path]]:
    """The place in the image, and the path here, of every file and of whatever is no folder."""
    for folder, folders, names in os.walk(tree):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for path in (Path(folder, name) for name in names + links):
            yield f"/{path.relative_to(tree)}", path


def _mark(place: str, path: Path) -> Mark:
    data = _read(path)
    return Mark(place, os.access(path, os.X_OK), hashlib.sha256(data).hexdigest() if data is not None else "")


def _read(path: Path) -> bytes | None:
    """The bytes of a plain file, None of anything else. A stage's own files are small."""
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _true_lock(build: Build, files: list[Path]) -> bytes | None:
    """The lock that the environment is named after; None when nobody has it any more."""
    if build.environment is None:
        return b""
    for path in (build.environment / LOCK, *files):
        lock = _read(path) or b""
        pythons = (build.manifest.python, platform.python_version())
        if any(environment_digest(lock, python).endswith(build.environment.name) for python in pythons):
            return lock
    return None


def _named(build: Build, files: Mapping[str, Path], lock: bytes | None) -> Iterator[ImageFault]:
    """Files that were changed, removed or added since the build; nothing where that did not say."""
    wanted = build.manifest.digests
    if not wanted:
        return
    of_lock = blake3(lock).hexdigest() if lock else ""
    for place, digest in sorted(wanted.items()):
        if place not in files:
            yield ImageFault(place, f"{place} of image {build.name} is missing")
            continue
        data = _read(files[place])
        if data is None or blake3(data).hexdigest() != digest:
            yield ImageFault(place, f"{place} of image {build.name} differs from its digest")
            if lock and data is not None and digest == of_lock:
                there = wanted_packages(data, {})
                yield from _lines(wanted_packages(lock, there), there, f"in {place} of image {build.name}")
    for place in sorted(files.keys() - wanted.keys()):
        yield ImageFault(place, f"{place} of image {build.name} was added")


def _lines(wanted: Mapping[str, str], found: Mapping[str, str], where: str) -> Iterator[ImageFault]:
    """Packages of another version, missing ones, and ones too many."""
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            before = f"{name}=={wanted[name]}" if name in wanted else f"(no {name})"
            yield ImageFault(name, f"{before} → {found.get(name, '(none)')} {where}")


def _examine_packages(
    build: Build, environment: Path, lock: bytes | None, *, packages: bool
) -> Iterator[ImageFault]:
    if not environment.is_dir():
        yield ImageFault("packages", f"the packages of image {build.name} are gone")
        return
    if lock is None:
        yield ImageFault(LOCK, f"the lock of image {build.name} is not the one that its digest names")
        return
    where = f"in the packages of image {build.name}"
    there = installed(environment)
    yield from _lines(wanted_packages(lock, there), there, where)
    if packages:
        for path in changed_files(environment):
            yield ImageFault(path, f"{path} {where} is not as it was installed")
