from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stagekit.split.params import Prune, Shares, SplitParams
from stagekit.split.run import split

SHARES = Shares(training=7, validation=1, calibration=1, test=1)


@dataclass(frozen=True)
class Ingested:
    """An output of ingest that a test makes up, and what split makes of it."""

    folder: Path
    out: Path

    def sample(self, name: str, perceptual_hash: str | None = None) -> None:
        """Add a sample; each has a hash of its own, far from the others', unless one is given."""
        folder = self.folder / "samples" / name
        folder.mkdir(parents=True)
        number = len(list((self.folder / "samples").iterdir()))
        record: dict[str, Any] = {
            "breed": name.rpartition("_")[0],
            "species": "cat" if name[0].isupper() else "dog",
            "class_shares": {"pet": 0.25, "background": 0.5, "border": 0.25},
            "source": {"image": {"sha256": "a" * 64}, "trimap": {"sha256": "b" * 64}},
            "perceptual_hash": perceptual_hash or f"{(number * 0x9E3779B97F4A7C15) % 2**64:016x}",
        }
        (folder / "sample.json").write_text(json.dumps(record), encoding="utf-8")
        for file in ("image.png", "mask.png"):
            (folder / file).write_text(f"{name} {file}", encoding="utf-8")

    def reject(self, name: str, reason: str = "mask_missing") -> None:
        """Add a rejected pair."""
        path = self.folder / "rejected" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        record = {"id": name, "reason": reason, "message": f"{name} has no trimap", "sources": []}
        path.write_text(json.dumps(record), encoding="utf-8")

    def split(
        self,
        near_duplicates: str = "together",
        max_rejected_share: float = 0.1,
        prune: tuple[str, ...] = (),
    ) -> None:
        """Run split."""
        params = SplitParams.model_validate(
            {
                "v": 2,
                "seed": 1,
                "shares": SHARES,
                "near_duplicates": near_duplicates,
                "max_hash_distance": 4,
                "max_rejected_share": max_rejected_share,
                "prune": Prune(because="a former run", ids=prune) if prune else None,
            }
        )
        split(self.folder, self.out, params)

    def where(self) -> dict[str, str]:
        """Give the split of each sample, as the folders tell it."""
        return {path.name: path.parent.name for path in self.out.glob("*/*") if path.is_dir()}

    def report(self) -> dict[str, Any]:
        """Read the report."""
        content: dict[str, Any] = json.loads((self.out / "report.json").read_text(encoding="utf-8"))
        return content


@pytest.fixture
def ingested(tmp_path: Path) -> Ingested:
    """An empty output of ingest."""
    return Ingested(tmp_path / "ingest", tmp_path / "out")


@pytest.fixture
def sixty(ingested: Ingested) -> Ingested:
    """Sixty samples of two breeds, enough for every split to get some."""
    for number in range(30):
        ingested.sample(f"Bengal_{number}")
        ingested.sample(f"boxer_{number}")
    return ingested
