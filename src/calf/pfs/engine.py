"""What versioned data stands on: rows, bytes, a clock, ids; and the transaction that joins them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from calf.db.database import Database
from calf.db.tx import Tx
from calf.kit import clock as kit_clock
from calf.kit import ids
from calf.pfs import projects
from calf.pfs.locks import KeyedLocks
from calf.pfs.propagate import propagate
from calf.pfs.transaction import Txn
from calf.storage.store import Store


@dataclass(frozen=True, slots=True)
class Pfs:
    """The versioned data of one folder. Functions that change take a `Txn`, those that ask take a `Tx`."""

    db: Database
    store: Store
    clock: Callable[[], float]
    new_id: Callable[[], str]
    locks: KeyedLocks = field(default_factory=KeyedLocks)

    @classmethod
    def open(
        cls,
        root: Path,
        clock: Callable[[], float] = kit_clock.now,
        new_id: Callable[[], str] = ids.new_id,
    ) -> Pfs:
        """Open or make the data folder `root`; recovers by itself from a crash at any point.

        The caller holds the folder's lock. Project `default` exists afterwards.
        """
        root.mkdir(parents=True, exist_ok=True)
        store = Store.open(root / "storage")
        pfs = cls(Database.open(root / "metadata.sqlite"), store, clock, new_id)
        with pfs.transaction() as txn:
            projects.ensure_default(txn)
        return pfs

    @contextmanager
    def transaction(self, set_id: str | None = None) -> Iterator[Txn]:
        """Change things: all of the block or nothing, durable and visible at its end.

        Its commits have the id `set_id`, by default a fresh one. Bytes and trees that it refers to must be
        durable before it ends. Raises what the end finds wrong, such as two branches of one repo in a DAG.

        Danger: a function that raised may have done half of its work, so let its exception leave the block.
        """
        with self.db.write() as tx:
            txn = Txn(tx, self.store.get, set_id or self.new_id(), self.clock())
            yield txn
            propagate(txn)

    def read(self) -> AbstractContextManager[Tx]:
        """A snapshot to ask; inside `transaction` of the same thread, what that sees."""
        return self.db.read()

    def close(self) -> None:
        """Let waiting threads go, then close the files."""
        self.db.close()
        self.store.close()
