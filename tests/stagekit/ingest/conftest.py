from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from stagekit.ingest.params import IngestParams
from stagekit.ingest.run import ingest


@dataclass(frozen=True)
class Pets:
    """A folder in Oxford-IIIT Pet layout that a test fills, and what ingest makes of it."""

    folder: Path
    out: Path

    def photo(self, name: str, size: tuple[int, int] = (60, 40), kind: str = "JPEG") -> Path:
        """Write a photo with a gradient, whatever the format its suffix claims."""
        across = np.linspace(0, 255, size[0])[None, :, None]
        down = np.linspace(0, 255, size[1])[:, None, None]
        pixels = np.concatenate([across + 0 * down, 0 * across + down, 0 * across + 0 * down + 90], axis=2)
        path = self._path("images", f"{name}.jpg")
        Image.fromarray(pixels.astype(np.uint8)).save(path, format=kind)
        return path

    def trimap(
        self, name: str, size: tuple[int, int] = (60, 40), values: tuple[int, ...] = (1, 3, 2)
    ) -> Path:
        """Write a trimap with vertical stripes of the values."""
        stripe = np.repeat(np.array(values, np.uint8), -(-size[0] // len(values)))[: size[0]]
        path = self._path("annotations/trimaps", f"{name}.png")
        Image.fromarray(np.tile(stripe, (size[1], 1))).save(path)
        return path

    def ingest(self, image_size: int = 32, max_source_pixels: int = 10_000) -> None:
        """Run ingest over the folder."""
        params = IngestParams(v=2, seed=1, image_size=image_size, max_source_pixels=max_source_pixels)
        ingest(self.folder / "images", self.folder / "annotations", self.out, params)

    def record(self, name: str) -> dict[str, Any]:
        """Read a sample's record."""
        content: dict[str, Any] = json.loads((self.out / "samples" / name / "sample.json").read_text())
        return content

    def rejected(self) -> dict[str, str]:
        """Give the reason of each rejected pair."""
        files = sorted((self.out / "rejected").glob("*.json"))
        return {path.stem: json.loads(path.read_text())["reason"] for path in files}

    def _path(self, kind: str, name: str) -> Path:
        path = self.folder / kind / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


@pytest.fixture
def pets(tmp_path: Path) -> Pets:
    """An empty set of pets."""
    return Pets(tmp_path / "pets", tmp_path / "out")
