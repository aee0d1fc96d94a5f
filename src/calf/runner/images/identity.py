"""The digests of images and environments: equal for what runs the same, different for everything else."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from pathlib import Path

from calf.runner.images.dockerfile import Recipe
from calf.runner.images.files import ImageFile

FORMAT = 1


def image_digest(recipe: Recipe, files: Sequence[ImageFile], lock: bytes) -> str:
    """Covers the lock, every copied file (place, bytes, executable bit), ENV, WORKDIR and Python version."""
    return _digest(
        "calf image",
        {
            "python": platform.python_version(),
            "lock": hashlib.sha256(lock).hexdigest(),
            "venv": recipe.venv,
            "workdir": recipe.workdir,
            "env": dict(recipe.env),
            "files": [(f.target, f.executable, hashlib.sha256(f.data).hexdigest()) for f in files],
        },
    )


def environment_digest(lock: bytes) -> str:
    """Covers the lock and what it is installed for."""
    return _digest(
        "calf environment",
        {
            "python": platform.python_version(),
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
    canonical = json.dumps([kind, FORMAT, what], sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
