"""Files to measure with: the same ones for the same seed, and none like another's."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

SMALL = 4096
_PIECE = 1 << 20


def make_small(folder: Path, count: int, seed: int, size: int = SMALL) -> Path:
    """A folder of `count` files of random bytes."""
    folder.mkdir(parents=True)
    noise = random.Random(seed)
    for number in range(count):
        (folder / f"{number:05}.bin").write_bytes(noise.randbytes(size))
    return folder


def change_some(folder: Path, changed: Path, count: int, seed: int) -> None:
    """Write some files anew, spread over the folder; `changed` then holds them alone, by the same names."""
    names = sorted(path.name for path in folder.iterdir())
    noise = random.Random(f"changed {seed}")
    shutil.rmtree(changed, ignore_errors=True)
    changed.mkdir()
    for name in noise.sample(names, count):
        data = noise.randbytes(SMALL)
        for place in (folder, changed):
            (place / name).unlink(missing_ok=True)  # whoever linked it keeps what it was
            (place / name).write_bytes(data)


def make_big(path: Path, size: int, seed: int) -> Path:
    """A file of random bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = random.Random(seed)
    with path.open("wb") as out:
        for start in range(0, size, _PIECE):
            out.write(noise.randbytes(min(_PIECE, size - start)))
    return path


def next_version(path: Path, share: float, places: int, seed: int) -> None:
    """Change a share of a file at random places: new bytes for old ones, and not as many."""
    noise, size = random.Random(seed), path.stat().st_size
    old, new = path.with_suffix(".old"), int(size * share / places)
    path.rename(old)
    with old.open("rb") as source, path.open("wb") as out:
        at = 0
        for place in sorted(noise.sample(range(size - 2 * new), places)):
            _copy(source, out, max(0, place - at))
            out.write(noise.randbytes(new))
            source.seek(dropped := noise.randrange(2 * new), os.SEEK_CUR)
            at = max(at, place) + dropped
        shutil.copyfileobj(source, out, _PIECE)
    old.unlink()


def bytes_below(folder: Path) -> int:
    """What all files of a folder hold; one with several names counts once."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(Path(place) / name)
            found[status.st_dev, status.st_ino] = status.st_size
    return sum(found.values())


def _copy(source: object, out: object, size: int) -> None:
    while size:
        piece = source.read(min(size, _PIECE))  # type: ignore[attr-defined] # a binary file
        if not piece:
            return
        out.write(piece)  # type: ignore[attr-defined] # a binary file
        size -= len(piece)
