"""What `calf repair` set aside: damaged packs, which nobody reads but the next repair."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Aside:
    """How much lies there."""

    folder: Path
    packs: int
    size: int


def set_aside(home: Path) -> Aside:
    """What a data folder has of it."""
    folder = home / "storage" / "damaged"
    found = [path.lstat().st_size for path in folder.iterdir()] if folder.is_dir() else []
    return Aside(folder, len(found), sum(found))
