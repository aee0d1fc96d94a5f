"""The digests of images and environments: equal for what runs the same, different for everything else."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calf.model.statement.identity import hash_of_identity
from calf.runner.images.dockerfile import Recipe
from calf.runner.images.files import ImageFile

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Parts:
    """What counts of an image beside its files and its lock."""

    python: str
    venv: str
    workdir: str
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """What counts of a file of an image: its place, whether it is executable, and its SHA-256 (hex)."""

    place: str
    executable: bool
    sha256: str


def image_digest(recipe: Recipe, files: Sequence[ImageFile], lock: bytes) -> str:
    """Covers the lock, every copied file (place, bytes, executable bit), ENV, WORKDIR and Python version."""
    parts = Parts(platform.python_version(), recipe.venv, recipe.workdir, recipe.env)
    marks = (Mark(f.target, f.executable, hashlib.sha256(f.data).hexdigest()) for f in files)
    return digest_of_parts(parts, marks, lock)


def digest_of_parts(parts: Parts, files: Iterable[Mark], lock: bytes) -> str:
    """As `image_digest`, of an image that was built; `files` are in the order of their places."""
    return hash_of_identity(identity_of_parts(parts, files, lock))


def identity_of_parts(parts: Parts, files: Iterable[Mark], lock: bytes) -> list[Any]:
    """What the digest is the hash of: whoever has this can compute it."""
    what = {
        "python": parts.python,
        "lock": hashlib.sha256(lock).hexdigest(),
        "venv": parts.venv,
        "workdir": parts.workdir,
        "env": dict(parts.env),
        "files": [[file.place, file.executable, file.sha256] for file in files],
    }
    return ["calf image", FORMAT, what]


def environment_digest(lock: bytes, python: str = "") -> str:
    """Covers the lock and what it is installed for: this machine, and by default the Python that runs now."""
    return _digest(
        "calf environment",
        {
            "python": python or platform.python_version(),
            "machine": platform.machine(),
            "lock": hashlib.sha256(lock).hexdigest(),
        },
    )


def host_digest() -> str:
    """Covers what this machine says it is: its distribution and its Python."""
    release = Path("/etc/os-release")
    return _digest(
        "calf host",
        {
            "python": platform.python_version(),
            "machine": platform.machine(),
            "release": release.read_text() if release.exists() else "",
        },
    )


def _digest(kind: str, what: dict[str, object]) -> str:
    """The kind stands in front, so that no two kinds ever meet in one digest."""
    return hash_of_identity([kind, FORMAT, what])
