"""Writing objects: all of one request goes into one pack, which one barrier makes durable and visible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from calf.model.content import Content
from calf.model.errors import IntegrityError
from calf.model.ports import Held
from calf.storage import contents
from calf.storage.objects import is_object, object_id
from calf.storage.pack_format import PACK_LIMIT
from calf.storage.pack_writer import PackDraft

if TYPE_CHECKING:
    from calf.storage.store import Store


class Writer:
    """One request's new objects; for one thread. Use it in a `with`: what was not sealed at its end is gone.

    Objects that the store has already are not written again. Every method that stores raises `NoSpace` when
    the disk is full; then leave the `with`, and nothing of it remains.
    """

    def __init__(self, store: Store, draft: Callable[[], PackDraft], hold: Held, *, own: bool) -> None:
        self.hold = hold
        """Keeps what is put, and what the trees are built on, from the sweep; an `own` one ends with the
        writer, so the transaction that makes a root visible is to be within the `with`."""
        self._own = own
        self._store = store
        self._new_draft = draft
        self._drafts: list[PackDraft] = []
        self._where: dict[bytes, PackDraft] = {}
        self._to_finish: list[Callable[[], None]] = []

    def put(self, data: bytes | memoryview) -> bytes:
        """Store one object (below 4 GiB); returns its id."""
        oid = object_id(data)
        self.hold.ids.add(oid)  # before the store is asked, or the sweep may take what it says is there
        if oid not in self._where and not self._store.has(oid):
            draft = self._open_draft()
            draft.add(oid, data)
            self._where[oid] = draft
        return oid

    def put_all(self, datas: Sequence[bytes | memoryview]) -> list[bytes]:
        """Store many objects; returns their ids. As `put` of each, but asks the index once for all."""
        oids = [object_id(data) for data in datas]
        self._put_named(oids, datas)
        return oids

    def _put_named(self, oids: Sequence[bytes], datas: Sequence[bytes | memoryview]) -> None:
        self.hold.ids.update(oids)  # first, as in `put`
        fresh = {oid: data for oid, data in zip(oids, datas, strict=True) if oid not in self._where}
        for oid in self._store.known(list(fresh)):
            del fresh[oid]
        for oid, data in fresh.items():
            draft = self._open_draft()
            draft.add(oid, data)
            self._where[oid] = draft

    def contents(self, datas: Sequence[bytes | memoryview]) -> list[Content]:
        """Store many whole small files."""
        return contents.store_many(self._put_named, datas)

    def content(self, data: bytes) -> Content:
        """Store a whole small file."""
        return contents.store_whole(self._put_named, data)

    def stream(self, pieces: Iterable[bytes | memoryview]) -> Content:
        """Store a file of any size."""
        return contents.store_stream(self._put_named, pieces)

    def append(self, old: Content, pieces: Iterable[bytes | memoryview]) -> Content:
        """Store `old` followed by `pieces`; reads `old`."""
        return contents.store_appended(self.get, self._put_named, old, pieces)

    def get(self, object_id: bytes) -> bytes:
        """The bytes of an object, of the store or of this writer."""
        draft = self._where.get(object_id)
        if draft is None:
            return self._store.get(object_id)
        data = draft.read(draft.rows[object_id])
        if data is None or not is_object(object_id, data):
            raise IntegrityError(f"object {object_id.hex()} came back changed from the pack being written")
        return data

    def read(self, content: Content, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
        """The bytes of a content, of the store or of this writer, in pieces of at most 1 MiB."""
        return contents.read_range(partial(map, self.get), self._size_of, content, offset, size)

    def before_seal(self, finish: Callable[[], None]) -> None:
        """Have this done before each `seal`: it puts what somebody kept back so far."""
        self._to_finish.append(finish)

    def seal(self) -> None:
        """The durability barrier: afterwards all that was put survives a crash and is visible to all readers.

        Does nothing when there is nothing new. The writer can go on afterwards, with a new pack.
        """
        for finish in self._to_finish:
            finish()
        if self._drafts:
            for draft in self._drafts:
                draft.finish()
            self._store.publish(self._drafts)
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drop()
        if self._own:
            self.hold.release()

    def _size_of(self, oid: bytes) -> int:
        draft = self._where.get(oid)
        return self._store.size_of(oid) if draft is None else draft.rows[oid].size

    def _open_draft(self) -> PackDraft:
        if not self._drafts or self._drafts[-1].size >= PACK_LIMIT:
            self._drafts.append(self._new_draft())
        return self._drafts[-1]

    def _drop(self) -> None:
        for draft in self._drafts:
            draft.discard()
        self._drafts = []
        self._where = {}
