"""A sample as ingest writes it and every later stage reads it: a folder with a picture, a mask and a record.

`mask.png` holds one byte a pixel: 0 pet, 1 background, 2 border (the trimap's value minus 1), as in
`CLASSES`. `sample.json` is described in `stagekit.ingest.record`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.errors import StageError

CLASSES = ("pet", "background", "border")


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: its id and its folder."""

    id: str
    folder: Path

    @property
    def image(self) -> Path:
        """The picture: PNG, RGB, square."""
        return self.folder / "image.png"

    @property
    def mask(self) -> Path:
        """The mask: PNG, one byte a pixel, values as in `CLASSES`, the picture's size."""
        return self.folder / "mask.png"

    def record(self) -> dict[str, Any]:
        """Read `sample.json`. Raises `StageError` when it is missing or no JSON object."""
        path = self.folder / "sample.json"
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StageError(
                f"{path}: no readable sample record ({error}); was it written by ingest?"
            ) from error
        if not isinstance(record, dict):
            raise StageError(f"{path}: the sample record must be a JSON object")
        return record


def list_samples(folder: Path) -> list[Sample]:
    """List the samples that a folder holds, one folder each, by id.

    A missing folder holds none. Raises `StageError` for an entry that lacks one of its three files.
    """
    if not folder.is_dir():
        return []
    samples = [Sample(entry.name, entry) for entry in sorted(folder.iterdir(), key=lambda path: path.name)]
    for sample in samples:
        for name in ("image.png", "mask.png", "sample.json"):
            if not (sample.folder / name).is_file():
                raise StageError(
                    f"{sample.folder}: {name} is missing; a sample has image.png, mask.png, sample.json"
                )
    return samples
