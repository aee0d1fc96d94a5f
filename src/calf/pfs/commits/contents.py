"""What a commit holds: the root of the tree of all its files."""

from __future__ import annotations

from dataclasses import replace

from calf.db import commits
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.errors import Unfinished, WrongState
from calf.model.refs import Commit
from calf.model.states import OriginKind
from calf.pfs.commits.resolving import find
from calf.pfs.transaction import Txn


def base(tx: Tx, commit: Commit) -> bytes | None:
    """The root that `commit` builds on: its nearest ancestor without error (None: the empty tree).

    Raises `Unfinished` when that ancestor is still open, `WrongState` when it is forgotten.
    """
    return base_root(tx, find(tx, commit))


def root(tx: Tx, commit: Commit) -> bytes | None:
    """The root of all files of `commit` (None: the empty tree), of an open one as far as it is written.

    Raises `Unfinished` when nothing was written yet and the base is still open, `WrongState` for a forgotten
    commit.
    """
    return total_root(tx, find(tx, commit))


def set_root(txn: Txn, commit: Commit, root: bytes | None) -> None:
    """Replace all that an open commit holds by a tree whose objects are durable.

    Danger: between reading `root` and this the commit must not change, so hold `pfs.locks.hold(commit)`.
    Raises `WrongState` when the commit is finished or finishing.
    """
    row = open_row(txn.tx, commit)
    commits.save(txn.tx, replace(row, root=root, written=True))


def last_good(tx: Tx, commit: Commit) -> Commit | None:
    """The nearest ancestor of `commit` that is finished and has no error, None if it has none."""
    line = commits.line(tx, find(tx, commit).parent)
    return next((each.commit for each in line if each.finished and not each.error), None)


def base_root(tx: Tx, row: CommitRow) -> bytes | None:
    """As `base`, of a row."""
    for ancestor in commits.line(tx, row.parent):
        if ancestor.error:
            continue
        if not ancestor.finished:
            verb = "wait" if ancestor.origin is OriginKind.AUTO else "finish"
            raise Unfinished(
                f"base commit {ancestor.commit} for commit {row.commit} unfinished",
                f"pachctl {verb} commit {ancestor.commit.repo.name}@{ancestor.commit.id} comes first",
            )
        return _kept(ancestor)
    return None


def total_root(tx: Tx, row: CommitRow) -> bytes | None:
    """As `root`, of a row."""
    return _kept(row) if row.written else base_root(tx, row)


def _kept(row: CommitRow) -> bytes | None:
    if row.forgotten:
        raise WrongState("the commit is forgotten", f"commit {row.commit} no longer holds files")
    return row.root


def open_row(tx: Tx, commit: Commit) -> CommitRow:
    """The row of a commit that may still be written to; raises `WrongState` otherwise."""
    row = find(tx, commit)
    if row.finishing:
        raise already_finished(row)
    return row


def already_finished(row: CommitRow) -> WrongState:
    """The error of writing to a finished commit."""
    return WrongState(f"commit {row.commit} has already finished")
