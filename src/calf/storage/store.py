"""The store: all objects of one data folder.

<root>/packs/<name>.pack    the objects, immutable
<root>/packs/<n>.draft      packs being written; swept at the next opening
<root>/packs.sqlite         where each object lies; rebuilt from the packs when lost
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from calf.kit.atomic import sync_dir
from calf.model.content import Content
from calf.model.errors import IntegrityError, Precondition
from calf.model.ports import Held
from calf.storage import contents
from calf.storage.blobs import BEGINNING, size_said, unpack
from calf.storage.chunks import LEAST
from calf.storage.exclusion import keep_from_backups
from calf.storage.gathering import gather, stretches
from calf.storage.holds import Hold
from calf.storage.index import ObjectIndex
from calf.storage.mending import Mending
from calf.storage.objects import Location
from calf.storage.pack_files import PackFiles
from calf.storage.pack_format import DRAFT_SUFFIX, MAX_OBJECT
from calf.storage.pack_writer import PackDraft
from calf.storage.recovery import recover
from calf.storage.sweeping import DEFAULT, Policy, Shelf, Sweep
from calf.storage.versions import bring_up_to_date
from calf.storage.writer import Writer


class Store:
    """Objects by id, durable and verified; thread-safe. One process per folder: `kit.lock` sees to that."""

    def __init__(self, folder: Path, index: ObjectIndex, damaged: dict[str, str]) -> None:
        self._index = index
        self._files = PackFiles(folder)
        self._numbers = itertools.count()
        self._shelf = Shelf(folder, index, self._files, self._draft)
        self._sweeping = threading.Lock()
        self.damaged_packs = damaged
        """Pack files that cannot be read (name → what is wrong), for `fsck`."""

    @classmethod
    def open(cls, root: Path) -> Store:
        """Open or create the store below `root`. Recovers by itself; leftovers of a crash are swept.

        Raises `Precondition` for a store that a newer calf made.
        """
        folder = root / "packs"
        folder.mkdir(parents=True, exist_ok=True)
        bring_up_to_date(root)
        index = ObjectIndex(root / "packs.sqlite")
        return cls(folder, index, recover(folder, index))

    def hold(self) -> Hold:
        """What keeps objects from being swept, for who reads a root to write one; use it in a `with`."""
        return self._shelf.holds.open()

    def looking(self) -> AbstractContextManager[None]:
        """A moment in which roots and what they reach are read; a sweep waits for its end."""
        return self._shelf.holds.looking()

    @property
    def is_relied_upon(self) -> bool:
        """Whether an operation or a job is under way that holds something."""
        return self._shelf.holds.any()

    def writer(self, hold: Held | None = None) -> Writer:
        """A writer for one request; use it in a `with`. What it puts is held by `hold`, or till its end."""
        return Writer(self, self._draft, hold or self.hold(), own=hold is None)

    def has(self, object_id: bytes) -> bool:
        """Whether the object is here (its bytes are not looked at)."""
        return self._index.has(object_id)

    def known(self, object_ids: Sequence[bytes]) -> set[bytes]:
        """Which of these objects are here: `has` of many at once."""
        return self._index.known(object_ids)

    def get(self, object_id: bytes) -> bytes:
        """The verified bytes of an object. Raises `IntegrityError` when they are missing or changed."""
        pack, location, stored = self._read(object_id)
        data = unpack(object_id, stored, location)
        if data is None or len(data) != location.size:
            raise _damaged(object_id, f"its bytes in pack {pack.hex()} at {location.offset} have changed")
        return data

    def get_all(self, object_ids: Sequence[bytes]) -> list[bytes]:
        """`get` of many objects at once, held in memory."""
        found = gather(self._index, self._files, object_ids)
        return [found[oid] if oid in found else self.get(oid) for oid in object_ids]

    def read(self, content: Content, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
        """The verified bytes of a content, or of a part of it, in pieces of at most 2 MiB."""
        is_small = len(content.chunks) == 1 or (size is not None and size < LEAST)
        get_each = partial(map, self.get) if is_small else self._get_each
        return contents.read_range(get_each, self.size_of, content, offset, size)

    def size_of(self, object_id: bytes) -> int:
        """The size of an object, without reading it: as the index has it and its beginning says."""
        pack, at, begin = self._read(object_id, BEGINNING)
        if size_said(begin, at) != at.size:
            raise _damaged(object_id, f"its size in pack {pack.hex()} is not {at.size}")
        return at.size

    def objects(self) -> Iterator[bytes]:
        """The ids of all objects, in order."""
        return self._index.objects()

    def verify(self, object_id: bytes) -> None:
        """Read an object and raise `IntegrityError` unless it is whole."""
        self.get(object_id)

    def publish(self, drafts: Sequence[PackDraft]) -> None:
        """Make finished packs durable by name, and visible; all of them or none. For `Writer.seal`.

        A pack that another writer has published with the very same objects is left as it is; what a sweep
        has forgotten of it comes back.
        """
        shelf = self._shelf
        with shelf.publishing:
            fresh = {draft.name: draft for draft in drafts if not self._index.knows(draft.name)}
            try:
                for draft in fresh.values():
                    draft.publish(shelf.folder)
                sync_dir(shelf.folder)
                shelf.retaken.update(draft.name for draft in drafts if draft.name not in fresh)
                self._index.add((draft.name, draft.rows.items()) for draft in drafts)
            except BaseException:
                for name in fresh:
                    shelf.path(name).unlink(missing_ok=True)
                raise

    @contextmanager
    def sweep(self, policy: Policy = DEFAULT) -> Iterator[Sweep]:
        """Give space back, beside everything else that goes on; one at a time in the whole machine.

        Begin it before the snapshot of the metadata that says what is needed. Raises `Precondition` while
        another one is under way, or a backup is made.
        """
        if not self._sweeping.acquire(blocking=False):
            raise Precondition("space is being given back already", "wait until that is done")
        try:
            with keep_from_backups(self._shelf.folder), self._shelf.holds.sweeping():
                yield Sweep(self._shelf, policy)
        finally:
            self._sweeping.release()

    def mending(self) -> Mending:
        """What finds damaged packs, and heals the store for a process that has it for itself."""
        return Mending(self._shelf)

    def pack_of(self, object_id: bytes) -> bytes | None:
        """The name of the pack that an object is read from."""
        found = self._index.find(object_id)
        return found[0] if found else None

    def read_packs_again(self) -> None:
        """Make the index anew from the packs; for a process that has the store for itself."""
        self._index.clear()
        self.damaged_packs = recover(self._shelf.folder, self._index)

    def close(self) -> None:
        """Let go of all files."""
        self._files.close()
        self._index.close()

    def _draft(self) -> PackDraft:
        return PackDraft(self._shelf.folder / f"{next(self._numbers)}{DRAFT_SUFFIX}")

    def _get_each(self, object_ids: Sequence[bytes]) -> Iterator[bytes]:
        """The verified bytes of objects, one after another, in pieces of at most 2 MiB."""
        for some, data in stretches(self._index, self._files, object_ids):
            if data is None:
                yield from map(self.get, some)
            else:
                yield data

    def _read(self, object_id: bytes, most: int = MAX_OBJECT) -> tuple[bytes, Location, bytes]:
        """What is stored of an object, and where; if its pack has just been replaced, from the new one.

        No more than `most` bytes of it, from its beginning.
        """
        gone = b""
        while True:
            pack, location = self._find(object_id)
            try:
                wanted = location._replace(stored=min(location.stored, most))
                return pack, location, self._files.read(pack, wanted)
            except FileNotFoundError:
                if pack == gone:
                    raise _damaged(object_id, f"its pack {pack.hex()} is gone") from None
                gone = pack

    def _find(self, object_id: bytes) -> tuple[bytes, Location]:
        found = self._index.find(object_id)
        if found is None:
            raise _damaged(object_id, "it is not in the store")
        return found


def _damaged(object_id: bytes, why: str) -> IntegrityError:
    return IntegrityError(
        f"object {object_id.hex()} cannot be read: {why}", "`pachctl fsck --verify` lists all that is damaged"
    )
