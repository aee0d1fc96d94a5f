"""What opening a store does: sweep what a crash left, and make the location index agree with the packs.

This is also the ordinary start-up. Packs are the truth; the index is made to follow them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calf.model.errors import IntegrityError
from calf.storage.index import ObjectIndex
from calf.storage.objects import ID_SIZE, Location
from calf.storage.pack_format import DRAFT_SUFFIX, SUFFIX, BadPack, read_index


def recover(folder: Path, index: ObjectIndex) -> dict[str, str]:
    """Bring the index in step with the packs in `folder`; returns damaged packs (file name → what is wrong).

    Damaged packs are left alone, for a person to look at; the objects they held are missing.
    """
    present = set()
    for path in folder.iterdir():
        if path.name.endswith(DRAFT_SUFFIX):
            path.unlink()
        elif path.name.endswith(SUFFIX):
            present.add(path.name)
    known = _known(index)
    if known - present:
        index.clear()  # another pack may hold the lost one's objects, under rows that were never made
        known = set()
    damaged: dict[str, str] = {}
    fresh = sorted(present - known)
    if fresh:
        index.add(_readable(folder, fresh, damaged))
    return damaged


def _known(index: ObjectIndex) -> set[str]:
    try:
        return {name.hex() + SUFFIX for name in index.packs()}
    except IntegrityError:
        index.begin_anew()
        return set()


def _readable(
    folder: Path, names: list[str], damaged: dict[str, str]
) -> Iterator[tuple[bytes, list[tuple[bytes, Location]]]]:
    for name in names:
        try:
            rows = list(read_index(folder / name))
        except BadPack as error:
            damaged[name] = str(error)
        else:
            yield bytes.fromhex(name[: 2 * ID_SIZE]), rows
