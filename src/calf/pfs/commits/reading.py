"""The record of a commit, as users see it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from calf.db import commits, metadata, provenance
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.pfs_infos import CommitInfo
from calf.model.refs import Commit, CommitRef
from calf.model.states import CommitState
from calf.pfs.commits.resolving import find
from calf.pfs.commits.sources import readiness_of


def inspect(tx: Tx, ref: CommitRef | Commit) -> CommitInfo:
    """The record of the commit that `ref` points at. Raises like `resolve`."""
    return info(tx, find(tx, ref))


def info(tx: Tx, row: CommitRow) -> CommitInfo:
    """The record of a row, with its neighbours looked up."""
    (found,) = infos(tx, [row])
    return found


def infos(tx: Tx, rows: Sequence[CommitRow]) -> list[CommitInfo]:
    """The records of rows, in their order, with a handful of questions however many they are."""
    ids = [row.id for row in rows]
    parents = {row.id: [row.parent] for row in rows if row.parent is not None}
    around = (parents, commits.children_of(tx, ids), *provenance.neighbours(tx, ids))
    known = {row.id: (row.commit, row.branch) for row in rows}
    wanted = set(chain.from_iterable(chain.from_iterable(each.values()) for each in around))
    known |= commits.names(tx, sorted(wanted - known.keys()))
    pairs = metadata.of_many(tx, "commit", ids)
    return [
        _info(
            row,
            [[known[number] for number in each.get(row.id, ())] for each in around],
            pairs.get(str(row.id), {}),
        )
        for row in rows
    ]


def _info(row: CommitRow, around: list[list[tuple[Commit, str]]], pairs: dict[str, str]) -> CommitInfo:
    """`around`: parent, children, direct provenance and subvenance, with their branches."""
    parent, children, sources, results = (tuple(commit for commit, _ in each) for each in around)
    return CommitInfo(
        commit=row.commit,
        branch=row.branch,
        origin=row.origin,
        description=row.description,
        parent=parent[0] if parent else None,
        children=children,
        started=row.started,
        finishing=row.finishing,
        finished=row.finished,
        direct_provenance=sources,
        direct_subvenance=results,
        error=row.error,
        size=row.size,
        metadata=pairs,
        branches=dict(chain.from_iterable(around)),
    )


def has_reached(tx: Tx, row: CommitRow, state: CommitState) -> bool:
    """Whether a commit is in `state` or beyond it."""
    if row.finished:
        return True
    match state:
        case CommitState.FINISHED:
            return False
        case CommitState.FINISHING:
            return row.finishing > 0
        case CommitState.READY:
            return row.finishing > 0 or readiness_of(tx, row).ready
        case _:
            return True
