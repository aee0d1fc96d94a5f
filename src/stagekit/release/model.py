"""The model that is to be released: its files as evaluate carried them on, and its identity."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from stagekit import canonical
from stagekit.errors import StageError

REQUIRED = ("weights.safetensors", "calibration.json", "signature.json")


@dataclass(frozen=True, slots=True)
class Model:
    """A model's folder, the SHA-256 of each file in it, and the id that its content gives it."""

    folder: Path
    digests: dict[str, str]

    @property
    def id(self) -> str:
        """32 hexadecimal digits over the names and SHA-256 of all files: what the content is called.

        It is BLAKE2b of 128 bits rather than a SHA-256 cut short, so that the *full* digest fits in a name
        that Kubernetes takes.
        """
        return hashlib.blake2b(
            canonical.json_bytes(self.digests), digest_size=16, person=b"calf-model"
        ).hexdigest()


def read_model(folder: Path) -> Model:
    """Find the model's files and digest them. Raises `StageError` when one of `REQUIRED` is missing."""
    missing = [name for name in REQUIRED if not (folder / name).is_file()]
    if missing:
        raise StageError(f"{folder}: {', '.join(missing)} missing; evaluate must carry the whole model on")
    return Model(folder, canonical.tree_digests(folder))
