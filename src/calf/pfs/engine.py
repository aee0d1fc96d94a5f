"""What versioned data stands on: rows, bytes, a clock, ids; and the transaction that joins them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from calf.db.database import Database
from calf.db.tx import Tx
from calf.kit import clock as kit_clock
from calf.kit import ids
from calf.model.errors import IntegrityError, Internal
from calf.pfs import projects
from calf.pfs.locks import KeyedLocks
from calf.pfs.propagate import end
from calf.pfs.transaction import Txn
from calf.storage.remote import Remotes
from calf.storage.store import Store


@dataclass(frozen=True, slots=True)
class Pfs:
    """The versioned data of one folder. Functions that change take a `Txn`, those that ask take a `Tx`."""

    db: Database
    store: Store
    clock: Callable[[], float]
    new_id: Callable[[], str]
    remotes: Remotes = field(default_factory=Remotes)
    locks: KeyedLocks = field(default_factory=KeyedLocks)
    _mine: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    @classmethod
    def open(
        cls,
        root: Path,
        clock: Callable[[], float] = kit_clock.now,
        new_id: Callable[[], str] = ids.new_id,
        remotes: Remotes | None = None,
    ) -> Pfs:
        """Open or make the data folder `root`; recovers by itself from a crash at any point.

        Raises `IntegrityError` for half of a folder: taken for a new one, its other half would be garbage.

        The caller holds the folder's lock. Project `default` exists afterwards. `remotes` are what URLs may
        reach, by default nothing of this machine and no credentials.
        """
        root.mkdir(parents=True, exist_ok=True)
        _refuse_half(root)
        store = Store.open(root / "storage")
        pfs = cls(Database.open(root / "metadata.sqlite"), store, clock, new_id, remotes or Remotes())
        with pfs.transaction() as txn:
            projects.ensure_default(txn)
        return pfs

    @contextmanager
    def transaction(self, set_id: str | None = None) -> Iterator[Txn]:
        """Change things: all of the block or nothing, durable and visible at its end.

        Its commits have the id `set_id`, by default a fresh one. Bytes and trees that it refers to must be
        durable before it ends. Raises what the end finds wrong, such as two branches of one repo in a DAG.

        A block inside a block of the same thread joins the outer one: the same id, one end, that of the
        outermost. Failing, it undoes only its own part.

        Danger: a function that raised may have done half of its work, so let its exception leave the block.
        """
        outer: Txn | None = getattr(self._mine, "txn", None)
        if outer is not None:
            if set_id not in (None, outer.set_id):
                raise Internal("a transaction inside another one cannot have an id of its own")
            with self.db.write(), outer.attempt():
                yield outer
            return
        with self.db.write() as tx:
            txn = Txn(tx, self.store.get, set_id or self.new_id(), self.clock())
            with self._remember(txn):
                yield txn
                end(txn, self.new_id)

    @contextmanager
    def _remember(self, txn: Txn) -> Iterator[None]:
        self._mine.txn = txn
        try:
            yield
        finally:
            self._mine.txn = None

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A snapshot to ask; inside `transaction` of the same thread, what that sees.

        The files that its rows refer to are not swept before the end of the block. Who reads them later holds
        them (`Store.hold`). Danger: a sweep waits for the end, so nothing in it may wait for others.
        """
        with self.store.looking(), self.db.read() as tx:
            yield tx

    def close(self) -> None:
        """Let waiting threads go, then close the files."""
        self.db.close()
        self.store.close()


def _refuse_half(root: Path) -> None:
    """Storage is made before metadata, so each without the other has lost it (packs, not the bare folder)."""
    metadata, storage = root / "metadata.sqlite", root / "storage"
    if metadata.exists() and not storage.is_dir():
        raise IntegrityError(
            f"{root} has metadata, but no folder {storage.name}: nothing was started or changed",
            "put it back (is its disk mounted?), or `calf restore` a backup into a new folder",
        )
    if not metadata.exists() and any((storage / "packs").glob("*")):
        raise IntegrityError(
            f"{root} has data in {storage.name}, but no {metadata.name}: nothing was started or changed",
            "put it back, or `calf restore` a backup into a new folder; a new engine begins in an empty one",
        )
