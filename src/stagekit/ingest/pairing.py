"""Which photo belongs to which trimap: by id, never by the order of two listings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from stagekit.canonical import sorted_files


@dataclass(frozen=True, slots=True)
class Pair:
    """An id with the photos and trimaps that carry it: one of each, where all is well."""

    id: str
    images: tuple[Path, ...]
    trimaps: tuple[Path, ...]


def find_pairs(images: Path | None, trimaps: Path | None) -> list[Pair]:
    """Pair the `*.jpg` below one folder with the `*.png` below the other by their stems, in order of the ids.

    A side that an outer join left out is None. Lonely files and ids that occur twice are pairs too.
    """
    found: dict[str, tuple[list[Path], list[Path]]] = defaultdict(lambda: ([], []))
    for side, (folder, pattern) in enumerate(((images, "**/*.jpg"), (trimaps, "**/*.png"))):
        for path in sorted_files(folder, pattern) if folder else ():
            found[path.stem][side].append(path)
    return [Pair(stem, *map(tuple, found[stem])) for stem in sorted(found)]
