"""Healing: objects that are lost come from wherever a good copy lies, and damaged packs are set aside.

Nothing is taken on trust: an object is what hashes to its id. Nothing is thrown away: a damaged pack is moved
to `<storage>/damaged`, after everything that is good in it has been copied out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from calf.kit.atomic import sync_dir
from calf.storage.blobs import unpack
from calf.storage.objects import Location
from calf.storage.pack_format import PACK_LIMIT, SUFFIX, BadPack, read_index, unsoundness
from calf.storage.pack_writer import PackDraft
from calf.storage.sweeping import Shelf


def good_copies(folders: Iterable[Path], wanted: Collection[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Those of the wanted objects of which a pack of these folders has a good copy, each once."""
    done: set[bytes] = set()
    for folder in folders:
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            for oid, at in _index_of(path):
                if oid in wanted and oid not in done and (data := _read(path, oid, at)) is not None:
                    done.add(oid)
                    yield oid, data


@dataclass(frozen=True, slots=True)
class Mending:
    """Mends one store that nobody else uses."""

    shelf: Shelf

    @property
    def damaged(self) -> Path:
        """Where packs are put that are damaged."""
        return self.shelf.folder.parent / "damaged"

    def heal(self, copies: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        """Store these objects anew, durably, and have them be read from there; gives their ids.

        Danger: for lost objects only, as `good_copies` gives them.
        """
        healed: list[bytes] = []
        draft: PackDraft | None = None
        try:
            for oid, data in copies:
                draft = draft or self.shelf.draft()
                draft.add(oid, data)
                healed.append(oid)
                if draft.size >= PACK_LIMIT:
                    self._publish(draft)
                    draft = None
            if draft:
                self._publish(draft)
        finally:
            if draft:
                draft.discard()
        return healed

    def set_aside(self, pack: bytes) -> bool:
        """Copy what is good out of a damaged pack, and move it away; says whether it is away.

        It is not if it turns out to be good, having been healed with the very objects that it had.
        """
        places = [
            (oid, found[1])
            for oid, where, _ in self.shelf.index.rows()
            if where == pack and (found := self.shelf.index.find(oid))
        ]
        path = self.shelf.path(pack)
        good = [oid for oid, at in places if _read(path, oid, at) is not None]
        self.heal((oid, data) for oid, at in places if (data := _read(path, oid, at)) is not None)
        bad = sorted({oid for oid, _ in places} - set(good))
        self.shelf.index.forget(bad, list)
        self.shelf.files.forget(pack)
        if self.shelf.index.lying_in(pack, [oid for oid, _ in places]):
            return False
        self.shelf.index.move([], [pack])
        self.move_away(path)
        return True

    def unsound(self) -> Iterator[tuple[bytes, str]]:
        """Packs that are damaged, and how, but for objects that are read from them."""
        for pack in sorted(self.shelf.index.packs()):
            path = self.shelf.path(pack)
            reason = unsoundness(path) or self._spoiled(pack, path)
            if reason and self.shelf.index.knows(pack):  # or else it was swept meanwhile
                yield pack, reason

    def _spoiled(self, pack: bytes, path: Path) -> str:
        """Whether something is damaged that is read from elsewhere, or that nobody asks for."""
        rows = _index_of(path)
        read_here = self.shelf.index.lying_in(pack, [oid for oid, _ in rows])
        bad = any(_read(path, oid, at) is None for oid, at in rows if oid not in read_here)
        return "an object in it is damaged that is not read from it" if bad else ""

    def move_away(self, path: Path) -> None:
        """Put the file of a damaged pack where nobody reads it."""
        self.damaged.mkdir(exist_ok=True)
        if path.exists():
            path.replace(self.damaged / path.name)
            sync_dir(self.damaged)
            sync_dir(path.parent)

    def _publish(self, draft: PackDraft) -> None:
        draft.finish()
        with self.shelf.publishing:
            draft.publish(self.shelf.folder)
            sync_dir(self.shelf.folder)
            self.shelf.files.forget(draft.name)
            self.shelf.index.take_over(draft.name, list(draft.rows.items()))


def _index_of(path: Path) -> Sequence[tuple[bytes, Location]]:
    try:
        return list(read_index(path))
    except (BadPack, OSError):
        return ()


def _read(path: Path, oid: bytes, at: Location) -> bytes | None:
    try:
        with path.open("rb") as file:
            file.seek(at.offset)
            stored = file.read(at.stored)
    except OSError:
        return None
    return unpack(oid, stored, at)
