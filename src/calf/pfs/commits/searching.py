"""Searching the history of a commit for changes of one file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calf.db import commits as rows
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.kit.paths import clean
from calf.model.content import Content
from calf.model.errors import Cancelled, Unfinished, WrongState
from calf.model.ports import Cancel
from calf.model.refs import Commit, CommitRef
from calf.pfs.commits.contents import base_root
from calf.pfs.commits.resolving import find
from calf.storage import trees

if TYPE_CHECKING:
    from calf.pfs.engine import Pfs


@dataclass(frozen=True, slots=True)
class Searched:
    """A commit of the line, how many were looked at up to it, and whether it changed the file.

    The last one of a search is told once more, as not `found`, to say where it ended.
    """

    commit: Commit
    number: int
    found: bool


def find_commits(pfs: Pfs, ref: CommitRef, path: str, limit: int, cancel: Cancel) -> Iterator[Searched]:
    """The commits from `ref` back that added, changed or deleted exactly the file at `path`, newest first.

    Ends after `limit` of them (0: at the root). Raises `NotFound`, `Unfinished` for an open commit.
    """
    path, number, hits = clean(path), 0, 0
    at: Commit | CommitRef | None = ref
    while at is not None:
        if cancel.cancelled:
            raise Cancelled("the search was cancelled")
        number += 1
        with pfs.read() as tx:
            row = find(tx, at)
            if not row.finished:
                raise Unfinished(f"commit {row.commit} not finished", "wait for it, or start at its parent")
            changed = _changed(pfs, tx, row, path)
            parents = rows.by_ids(tx, [row.parent]) if row.parent is not None else []
        hits += changed
        if changed:
            yield Searched(row.commit, number, found=True)
        at = parents[0].commit if parents and not hits == limit > 0 else None
    yield Searched(row.commit, number, found=False)


def _changed(pfs: Pfs, tx: Tx, row: CommitRow, path: str) -> bool:
    """Whether a commit holds another file at `path` than what it builds on; forgotten ones cannot tell."""
    try:
        base = base_root(tx, row)
    except WrongState:  # what it builds on was forgotten
        return False
    if row.forgotten:
        return False
    return _files(pfs, row.root, path) != _files(pfs, base, path)


def _files(pfs: Pfs, root: bytes | None, path: str) -> dict[str, Content]:
    nodes = trees.find(pfs.store.get, root, path)
    return {node.entry.tag: node.entry.content for node in nodes if node.entry}
