"""Healing what is damaged, from other copies of the same data: a backup, another data folder.

First damaged packs are set aside, then the index is made anew and every object is read; then what is lost is
taken from wherever a good copy of it lies, pages first, since what they refer to is known only then. Rows are
not healed: a backup has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calf.db import roots
from calf.model.errors import InvalidArgument
from calf.pfs.engine import Pfs
from calf.pfs.fsck.contents import damaged_objects
from calf.storage import trees
from calf.storage.mending import good_copies

_PACKS = Path("storage") / "packs"


@dataclass(frozen=True, slots=True)
class Repaired:
    """Objects that were damaged, that were missing, that were healed, and that are needed and still lacking.

    `set_aside` are damaged packs that were moved to the folder `where`.
    """

    damaged: int
    missing: int
    healed: int
    left: int
    set_aside: int
    where: Path


def packs_of(folder: Path) -> Path:
    """Where a data folder, or a backup of one, has its packs. Raises `InvalidArgument` if it is neither."""
    packs = folder / _PACKS
    if not packs.is_dir():
        raise InvalidArgument(f"{folder} is no data folder and no backup", "name one that has storage/packs")
    return packs


def repair(pfs: Pfs, sources: Sequence[Path]) -> Repaired:
    """Heal the store of a folder that this process has for itself; an object that is good is left alone.

    What nobody needs is healed as well, where it can be. A damaged pack is never removed: it is moved to
    `storage/damaged` once all that is good in it lies elsewhere; one of which nothing can be read stays where
    it is as long as something is lacking. Raises `InvalidArgument` for a source that is none, `NoSpace`.
    """
    store = pfs.store
    mending = store.mending()
    folders = [packs_of(folder) for folder in sources]
    folders += [mending.shelf.folder, mending.damaged]
    away = sum([mending.set_aside(pack) for pack, _ in list(mending.unsound())])  # the index still knows them
    store.read_packs_again()
    damaged = {oid for oid, _ in damaged_objects(store)}
    packs = {pack for oid in damaged if (pack := store.pack_of(oid))}
    lost, healed = set(damaged), set(mending.heal(good_copies(folders, damaged)))
    while fresh := _missing(pfs, lost - healed) - lost:
        lost |= fresh
        healed.update(mending.heal(good_copies(folders, fresh)))
    packs |= {pack for pack, _ in mending.unsound()}  # read from elsewhere now, or since an earlier repair
    away += sum([mending.set_aside(pack) for pack in sorted(packs)])
    left = _missing(pfs, set())
    if not left:
        for name in store.damaged_packs:
            mending.move_away(mending.shelf.folder / name)
        away += len(store.damaged_packs)
    return Repaired(len(damaged), len(lost - damaged), len(healed), len(left), away, mending.damaged)


def _missing(pfs: Pfs, lost: set[bytes]) -> set[bytes]:
    """Objects that some tree needs and the store lacks, as far as pages can be read."""
    whole: set[bytes] = set()
    with pfs.read() as tx:
        every = set(roots.all_(tx))
    return {
        oid
        for root in every
        for _, oid in trees.hurt(
            pfs.store.get, root, lambda oid: oid in lost or not pfs.store.has(oid), whole
        )
    }
