"""What images are made of, as digests: one that calf's own images have too, and one that the lock tells."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from building.plans import BASE, ROOT, BuildError, Plan
from calf.kit.errors import InvalidArgument
from calf.model.statement.identity import hash_of_identity
from calf.runner.images.dockerfile import Recipe, read_dockerfile
from calf.runner.images.files import collect
from calf.runner.images.identity import Mark, Parts, digest_of_parts

LABEL = "dev.calf.sources"
"""The label with the digest that `calf image build` gives to what is made of the same files and Python."""
_FORMAT = 1
_PRIVATE = {"Dockerfile", "upstream.txt", "__pycache__"}


@dataclass(frozen=True, slots=True)
class File:
    """A file of a context: where it lies there, and where in the image, if that is known."""

    place: str
    data: bytes
    executable: bool
    target: str = ""

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Sources:
    """A Dockerfile and the files that it copies, as they were at one moment."""

    dockerfile: str
    files: tuple[File, ...]

    def digest(self, below: str = "") -> str:
        """Covers each instruction and each file: place, bytes, executable bit. `below`: what it stands on."""
        lines = (line.strip() for line in self.dockerfile.splitlines())
        what = {
            "below": below,
            "instructions": [line for line in lines if line and not line.startswith("#")],
            "files": sorted([file.place, file.executable, file.sha256] for file in self.files),
        }
        return hash_of_identity(["calf image sources", _FORMAT, what])


def read_sources(plan: Plan, root: Path = ROOT) -> Sources:
    """What an image would be made of now. Raises `BuildError` for a Dockerfile that is not understood."""
    try:
        found = collect(read_dockerfile(plan.dockerfile), root, plan.dockerfile)
    except InvalidArgument as error:
        raise BuildError(str(error)) from None
    files = (
        File(str(file.origin.relative_to(root)), file.data, file.executable, file.target) for file in found
    )
    return Sources(plan.dockerfile.read_text(), tuple(files))


def read_base(base: Path = BASE) -> Sources:
    """The same for the base."""
    paths = (path for path in sorted(base.iterdir()) if path.name not in _PRIVATE)
    files = (File(path.name, path.read_bytes(), path.suffix == ".py") for path in paths)
    return Sources((base / "Dockerfile").read_text(), tuple(files))


def label(recipe: Recipe, files: Sequence[File], python: str) -> str:
    """The digest of calf's own image of these files, on that version of Python."""
    lock = next((file.data for file in files if file.target == recipe.lock), b"")
    marks = (Mark(file.target, file.executable, file.sha256) for file in files)
    return digest_of_parts(Parts(python, recipe.venv, recipe.workdir, recipe.env), marks, lock)
