"""The record of a commit, as users see it."""

from __future__ import annotations

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
    parent = None if row.parent is None else commits.by_id(tx, row.parent)
    children = commits.children(tx, row.id)
    sources = commits.by_ids(tx, [edge.upstream for edge in provenance.upstream(tx, row.id)])
    results = commits.by_ids(tx, provenance.downstream_ids(tx, row.id))
    neighbours = (*children, *sources, *results, *([parent] if parent else []))
    return CommitInfo(
        commit=row.commit,
        branch=row.branch,
        origin=row.origin,
        description=row.description,
        parent=parent.commit if parent else None,
        children=tuple(it.commit for it in children),
        started=row.started,
        finishing=row.finishing,
        finished=row.finished,
        direct_provenance=tuple(it.commit for it in sources),
        direct_subvenance=tuple(it.commit for it in results),
        error=row.error,
        size=row.size,
        metadata=metadata.get(tx, "commit", row.id),
        branches={it.commit: it.branch for it in neighbours},
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
