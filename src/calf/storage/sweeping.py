"""Giving space back: packs with little that is needed are written anew without the rest, small ones into one.

The order, each step harmless to be cut off after (docs/design/storage.md has the whole argument):

1. what nobody needs is forgotten by the index, unless somebody holds it: from then on nobody relies on it;
2. what is left of the packs goes into a new pack, which is on the disk under its name before
3. the index reads from there, some objects at a time, and
4. the old packs are removed.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from threading import Lock

from calf.kit.atomic import sync_dir
from calf.model.ports import Cancel
from calf.storage.blobs import unpack
from calf.storage.holds import Holds
from calf.storage.index import Moved, ObjectIndex
from calf.storage.objects import Location
from calf.storage.pack_files import PackFiles
from calf.storage.pack_format import FOOTER_SIZE, OVERHEAD, PACK_LIMIT, ROW_SIZE, SUFFIX, BadPack, read_index
from calf.storage.pack_writer import PackDraft


@dataclass(frozen=True, slots=True)
class Policy:
    """When a pack is worth to be written anew: `sparse`, the part of it that is waste; or, of packs below
    `small` bytes, when there are `several`. New packs have up to `limit` bytes.
    """

    sparse: float = 0.3
    small: int = 8 << 20
    several: int = 16
    limit: int = PACK_LIMIT


DEFAULT = Policy()
_AT_ONCE = 2000


class Fate(Enum):
    """What becomes of a pack, and why."""

    EMPTY = "nothing in it is needed"
    SPARSE = "too little in it is needed"
    SMALL = "one of many small ones"
    FULL = "most of it is needed"
    DAMAGED = "it is damaged: see `pachctl fsck --verify` and `calf repair`"


@dataclass(frozen=True, slots=True)
class PackState:
    """A pack as the sweep finds it; `size` is the file's, `alive` what of its bytes is needed.

    `dead` are the objects that the index finds in it and nobody needs.
    """

    name: bytes
    size: int
    alive: int
    objects: int
    dead: Sequence[bytes]
    fate: Fate

    @property
    def waste(self) -> int:
        """Bytes that a pack with the same needed objects and nothing else would not have."""
        return self.size - (self.alive + self.objects * ROW_SIZE + OVERHEAD if self.objects else 0)

    @property
    def stays(self) -> bool:
        """Whether it is left as it is."""
        return self.fate in {Fate.FULL, Fate.DAMAGED}


@dataclass(frozen=True, slots=True)
class Swept:
    """What one step came to: packs that are gone, packs made, objects forgotten, bytes less on the disk."""

    packs: int = 0
    made: int = 0
    objects: int = 0
    size: int = 0
    kept: int = 0
    """Packs that had to stay, since somebody relies on what is in them, or they turned out to be damaged."""

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.packs + other.packs,
            self.made + other.made,
            self.objects + other.objects,
            self.size + other.size,
            self.kept + other.kept,
        )


@dataclass(frozen=True, slots=True)
class Shelf:
    """The packs of a store with what finds objects in them, for those who replace packs.

    `publishing` is held by whoever gives a pack its name or takes it away; `retaken` are packs that were
    published a second time, with the same objects, since a sweep began.
    """

    folder: Path
    index: ObjectIndex
    files: PackFiles
    draft: Callable[[], PackDraft]
    holds: Holds = field(default_factory=Holds)
    publishing: Lock = field(default_factory=Lock)
    retaken: set[bytes] = field(default_factory=set)

    def path(self, pack: bytes) -> Path:
        """Where a pack lies."""
        return self.folder / (pack.hex() + SUFFIX)


class Sweep:
    """One sweep, from before the snapshot of the metadata that says what is needed; see `Store.sweep`."""

    def __init__(self, shelf: Shelf, policy: Policy) -> None:
        self._shelf, self._policy = shelf, policy
        self._packs = shelf.index.packs()
        shelf.retaken.clear()

    def settle(self) -> set[bytes]:
        """To be called after the snapshot: the roots that operations under way build upon, needed as well."""
        return self._shelf.holds.settle()

    def survey(self, needed: Container[bytes]) -> list[PackState]:
        """Every pack that was there when the sweep began, and what is to become of it; changes nothing."""
        alive = dict.fromkeys(self._packs, 0)
        count = dict.fromkeys(self._packs, 0)
        dead: dict[bytes, list[bytes]] = {name: [] for name in self._packs}
        for oid, pack, stored in self._shelf.index.rows():
            if pack not in alive:
                continue
            if oid in needed:
                alive[pack] += stored
                count[pack] += 1
            else:
                dead[pack].append(oid)
        found = [self._state(name, alive[name], count[name], dead[name]) for name in sorted(self._packs)]
        return self._without_few(found)

    def _state(self, name: bytes, alive: int, objects: int, dead: Sequence[bytes]) -> PackState:
        try:
            size = self._shelf.path(name).stat().st_size
        except FileNotFoundError:
            return PackState(name, 0, alive, objects, dead, Fate.DAMAGED)
        waste = size - alive - objects * ROW_SIZE - OVERHEAD
        if not objects:
            fate = Fate.EMPTY
        elif waste > self._policy.sparse * size:
            fate = Fate.SPARSE
        else:
            fate = Fate.SMALL if size < self._policy.small else Fate.FULL
        return PackState(name, size, alive, objects, dead, fate)

    def _without_few(self, found: list[PackState]) -> list[PackState]:
        """Small packs are merged when there are several, those counted that are written anew anyway."""
        small = [each for each in found if not each.stays and each.objects and each.size < self._policy.small]
        if len(small) >= self._policy.several:
            return found
        return [_full(each) if each.fate is Fate.SMALL else each for each in found]

    def carry_out(self, states: Iterable[PackState], cancel: Cancel) -> Iterator[Swept]:
        """Do it, step by step; between the steps, and whenever it is cut off, the store is whole.

        Raises `NoSpace` when the disk is full: what was done until then stays done.
        """
        for group in self._groups([each for each in states if not each.stays]):
            if cancel.cancelled:
                return
            yield self._replace(group)

    def _groups(self, states: Sequence[PackState]) -> Iterator[list[PackState]]:
        """Empty ones first, which needs no space; then as many as fit into one new pack."""
        empty = [each for each in states if not each.objects]
        if empty:
            yield empty
        group: list[PackState] = []
        size = 0
        for each in sorted((each for each in states if each.objects), key=lambda each: each.alive):
            if group and size + each.alive > self._policy.limit:
                yield group
                group, size = [], 0
            group.append(each)
            size += each.alive
        if len(group) > 1 or any(each.fate is Fate.SPARSE for each in group):
            yield group

    def _replace(self, group: Sequence[PackState]) -> Swept:
        shelf = self._shelf
        for each in group:
            shelf.index.forget(each.dead, shelf.holds.unheld)
        draft: PackDraft | None = None
        try:
            moves: list[Moved] = []
            whole: list[bytes] = []
            for each in group:
                rows = self._left(each.name)
                if rows is None:
                    continue
                draft = draft or (shelf.draft() if rows else None)
                copied = self._copy(each.name, rows, draft) if draft else []
                moves.append(Moved(each.name, b"", copied))
                if len(copied) == len(rows):
                    whole.append(each.name)
            if draft and not draft.rows:
                draft.discard()
                draft = None
            if draft:
                draft.finish()
            gone = self._switch(draft, moves, whole)
        finally:
            if draft:
                draft.discard()
        made = draft.size + len(draft.rows) * ROW_SIZE + FOOTER_SIZE if draft else 0
        freed = sum(each.size for each in group if each.name in gone) - made
        objects = sum(len(each.dead) for each in group if each.name in gone)
        return Swept(len(gone), int(made > 0), objects, freed, len(group) - len(gone))

    def _left(self, pack: bytes) -> list[tuple[bytes, Location]] | None:
        """What is still read from a pack, in the order in which it lies there; None if it cannot be told."""
        try:
            rows = list(read_index(self._shelf.path(pack)))
        except (BadPack, OSError):
            return None
        here = self._shelf.index.lying_in(pack, [oid for oid, _ in rows])
        return [row for row in rows if row[0] in here]

    def _copy(
        self, pack: bytes, rows: Iterable[tuple[bytes, Location]], draft: PackDraft
    ) -> list[tuple[bytes, Location]]:
        """Those of the objects that are whole, with their new places."""
        copied = []
        for oid, at in rows:
            try:
                stored = self._shelf.files.read(pack, at)
            except OSError:
                continue
            if unpack(oid, stored, at) is not None:
                draft.add_stored(oid, stored, at.size, at.codec)
                copied.append((oid, draft.rows[oid]))
        return copied

    def _switch(self, draft: PackDraft | None, moves: Sequence[Moved], whole: Iterable[bytes]) -> set[bytes]:
        """Have the copies be read instead, some at a time that nobody waits long; remove the old packs."""
        shelf, name = self._shelf, draft.name if draft else b""
        if draft:
            with shelf.publishing:
                draft.publish(shelf.folder)
                sync_dir(shelf.folder)
        for each in moves:
            for start in range(0, len(each.rows), _AT_ONCE):
                shelf.index.move([Moved(each.source, name, each.rows[start : start + _AT_ONCE])], ())
        with shelf.publishing:
            gone = {pack for pack in whole if pack not in shelf.retaken and pack != name}
            shelf.index.move((), gone)
            for pack in gone:
                shelf.path(pack).unlink(missing_ok=True)
                shelf.files.forget(pack)
        return gone


def _full(state: PackState) -> PackState:
    return PackState(state.name, state.size, state.alive, state.objects, state.dead, Fate.FULL)
