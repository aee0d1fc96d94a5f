"""What an image is made of, as digests: one that calf's own images have too, and one that the lock tells."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from building.plans import BASE, ROOT, Plan, base_files
from calf.model.statement.identity import hash_of_identity
from calf.runner.images.dockerfile import Recipe, read_dockerfile
from calf.runner.images.files import ImageFile, collect
from calf.runner.images.identity import Mark, Parts, digest_of_parts

LABEL = "dev.calf.sources"
"""The label with the digest that `calf image build` gives to what is made of the same files and Python."""
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Sources:
    """A Dockerfile and the files that it copies, as they were at one moment."""

    dockerfile: str
    recipe: Recipe
    files: tuple[ImageFile, ...]
    root: Path

    def label(self, python: str) -> str:
        """The digest of calf's own image of this, if it runs on that version of Python."""
        marks = [Mark(file.target, file.executable, _sha256(file.data)) for file in self.files]
        lock = next((file.data for file in self.files if file.target == self.recipe.lock), b"")
        return digest_of_parts(
            Parts(python, self.recipe.venv, self.recipe.workdir, self.recipe.env), marks, lock
        )

    def digest(self) -> str:
        """Covers every instruction, and place, bytes and executable bit of every file; no machine."""
        files = [[self.place(file), file.executable, _sha256(file.data)] for file in self.files]
        return _digest("calf image sources", self.dockerfile, sorted(files))

    def place(self, file: ImageFile) -> str:
        """Where a file lies in the checkout, and in the context."""
        return str(file.origin.relative_to(self.root))


def read_sources(plan: Plan, root: Path = ROOT) -> Sources:
    """What an image would be made of now. Raises `InvalidArgument` for what is not understood."""
    recipe = read_dockerfile(plan.dockerfile)
    return Sources(plan.dockerfile.read_text(), recipe, collect(recipe, root, plan.dockerfile), root)


def base_digest(upstream: str, base: Path = BASE) -> str:
    """The same of the base; `upstream` is what a person pinned below it."""
    files = [[file.name, executable, _sha256(file.read_bytes())] for file, executable in base_files(base)]
    return _digest(
        "calf base sources", (base / "Dockerfile").read_text(), [["upstream", False, upstream], *files]
    )


def _digest(kind: str, dockerfile: str, files: list[list[Any]]) -> str:
    lines = (line.strip() for line in dockerfile.splitlines())
    said = [line for line in lines if line and not line.startswith("#")]
    return hash_of_identity([kind, _FORMAT, {"instructions": said, "files": files}])


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
