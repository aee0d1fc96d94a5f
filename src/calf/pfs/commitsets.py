"""Commit sets: all that one transaction made, and all that it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from calf.db import commits, provenance
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.not_found import commit_set_not_found
from calf.model.pfs_infos import CommitInfo, CommitSetInfo
from calf.model.ports import Cancel
from calf.model.states import CommitState
from calf.pfs.commits.reading import infos
from calf.pfs.commits.waiting import reached

if TYPE_CHECKING:
    from calf.pfs.engine import Pfs

_PAGE = 8
_BEYOND_ALL = 2**63 - 1


def inspect(tx: Tx, set_id: str) -> CommitSetInfo:
    """The commits with this id and, from other sets, everything that they come from, provenance first.

    The very first are those of this id that come from nothing: clients take the first one for the set's own.
    Raises `NotFound`.
    """
    return CommitSetInfo(set_id, tuple(infos(tx, _members(tx, set_id))))


def list_(pfs: Pfs, project: str = "") -> Iterator[CommitSetInfo]:
    """Every set with its own commits, newest first; with `project`, those that have a commit in it.

    Sets are read a page at a time, each a snapshot of its own, so a reader may take any time.
    """
    before = _BEYOND_ALL
    while True:
        with pfs.read() as tx:
            page = commits.newest_of_sets(tx, project, before, _PAGE)
            infos = [_info(tx, row.commit.id) for row in page]
        yield from infos
        if len(page) < _PAGE:
            return
        before = page[-1].id


def _info(tx: Tx, set_id: str) -> CommitSetInfo:
    return CommitSetInfo(set_id, tuple(infos(tx, commits.of_set(tx, set_id))))


def wait(pfs: Pfs, set_id: str, cancel: Cancel) -> Iterator[CommitInfo]:
    """The commits of `inspect`, each once it is finished, well or badly.

    Raises `NotFound` at once, `WrongState` when one is deleted meanwhile, `Cancelled`.
    """
    with pfs.read() as tx:
        rows = _members(tx, set_id)
    for row in rows:
        yield reached(pfs, row, CommitState.FINISHED, cancel)


def _members(tx: Tx, set_id: str) -> list[CommitRow]:
    own = [row.id for row in commits.of_set(tx, set_id)]
    if not own:
        raise commit_set_not_found(set_id)
    rows = commits.by_ids(tx, provenance.closure(tx, own))
    upstream, _ = provenance.neighbours(tx, own)
    begins = {id_ for id_ in own if id_ not in upstream}
    return sorted(rows, key=lambda row: row.id not in begins)
