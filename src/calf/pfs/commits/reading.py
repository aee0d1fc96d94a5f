"""The record of a commit, as users see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    parents = [row.parent for row in rows if row.parent is not None]
    upstream, downstream = provenance.neighbours(tx, ids)
    children: dict[int, list[int]] = {}
    known = {row.id: row for row in commits.children_of(tx, ids)}
    for child in known.values():
        children.setdefault(child.parent or 0, []).append(child.id)
    known |= {row.id: row for row in rows}
    wanted = {*parents, *chain(*upstream.values()), *chain(*downstream.values())} - known.keys()
    known |= {row.id: row for row in commits.by_ids(tx, sorted(wanted))}
    pairs = metadata.of_many(tx, "commit", ids)

    def look_up(numbers: Iterable[int]) -> list[CommitRow]:
        return [known[number] for number in numbers]

    return [
        _info(
            row,
            known[row.parent] if row.parent is not None else None,
            look_up(children.get(row.id, ())),
            look_up(upstream.get(row.id, ())),
            look_up(downstream.get(row.id, ())),
            pairs.get(str(row.id), {}),
        )
        for row in rows
    ]


def _info(
    row: CommitRow,
    parent: CommitRow | None,
    children: list[CommitRow],
    sources: list[CommitRow],
    results: list[CommitRow],
    pairs: dict[str, str],
) -> CommitInfo:
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
        metadata=pairs,
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
