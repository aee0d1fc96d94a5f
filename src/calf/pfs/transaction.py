"""A change of versioned data: what it is called, when it is, and what its end must still do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace

from calf.db import branches, ledger, moves
from calf.db.branches import BranchRow
from calf.db.moves import Move
from calf.db.tx import Tx


@dataclass(frozen=True, slots=True)
class Txn:
    """One transaction of `pfs`; every commit that it makes has the id `set_id` (the global id).

    At its end the new heads are propagated downstream once, however many there are. `get` reads stored
    objects, `now` is the one time of everything in it. The sets hold row ids of branches: `moved` have a new
    head, `owed` must get a commit of their own at the end, `rewired` have new edges. `finished` holds row
    ids of commits that finished well, which triggers may wait for.
    """

    tx: Tx
    get: Callable[[bytes], bytes]
    set_id: str
    now: float
    moved: set[int] = field(default_factory=set)
    owed: set[int] = field(default_factory=set)
    rewired: set[int] = field(default_factory=set)
    finished: set[int] = field(default_factory=set)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the transaction: when it fails, what it left for the end to do is forgotten."""
        notes = [
            note for note in (getattr(self, each.name) for each in fields(self)) if isinstance(note, set)
        ]
        before = [set(note) for note in notes]
        try:
            yield
        except BaseException:
            for note, old in zip(notes, before, strict=True):
                note.clear()
                note.update(old)
            raise

    def record(self, kind: str, key: object) -> None:
        """Write a visible change to the ledger; `key` is the reference, printed."""
        ledger.append(self.tx, kind, str(key), self.now)

    def move(self, row: BranchRow, commit_id: int) -> BranchRow:
        """Put the head of a branch on a commit, on record, to be propagated at the end."""
        row = self.point(row, commit_id)
        self.moved.add(row.id)
        return row

    def point(self, row: BranchRow, commit_id: int) -> BranchRow:
        """Put the head of a branch on a commit, on record, with nothing to follow from it."""
        row = replace(row, head=commit_id)
        branches.save(self.tx, row)
        moves.record(self.tx, row.id, Move(commit_id, self.set_id, self.now))
        self.record("branch-moved", row.branch)
        return row

    def touch(self, row: BranchRow) -> None:
        """Note that a branch was looked at now and stays where it is."""
        last = moves.newest(self.tx, row.id)
        if last is not None:
            moves.record(self.tx, row.id, replace(last, at=self.now))
