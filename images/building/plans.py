"""Which images there are."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/images"
BASE = ROOT / "images/base"
EPOCH = 1565827200
"""The time of every file, in seconds; the Dockerfiles give it to programs as SOURCE_DATE_EPOCH."""


class BuildError(Exception):
    """What keeps an image from being built, in words for people."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An image: `name` as specs have it, its Dockerfile, the lock that it installs."""

    name: str
    dockerfile: Path
    lock: Path

    @property
    def short(self) -> str:
        """The name without `calf/`."""
        return self.name.partition("/")[2]


def all_plans(root: Path = ROOT) -> list[Plan]:
    """Every stage's image, and the one that brings specs into force on a cluster."""
    folders = [path.parent for path in sorted(root.glob("stages/*/Dockerfile"))]
    return [
        Plan(f"calf/{folder.name}", folder / "Dockerfile", folder / "requirements.lock")
        for folder in (*folders, root / "images/deliver")
    ]


def fresh(folder: Path) -> Path:
    """The folder, made empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
