"""What a commit comes from, and what comes from it, at any distance."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from calf.db import commits, provenance
from calf.db.tx import Tx
from calf.model.pfs_infos import CommitInfo
from calf.model.refs import CommitRef
from calf.pfs.commits.reading import info
from calf.pfs.commits.resolving import find
from calf.pfs.walking import walk

Walk = Callable[[Tx, Iterable[CommitRef], int, int], list[CommitInfo]]
"""Takes where to start, how many to give and how far to go at most; see `walking.walk`."""


def walk_provenance(tx: Tx, start: Iterable[CommitRef], most: int = 0, deepest: int = 0) -> list[CommitInfo]:
    """All that commits come from, as `walking.walk` has it. Raises as `resolve`."""
    numbers = [find(tx, ref).id for ref in start]
    found = walk(
        numbers, lambda number: [edge.upstream for edge in provenance.upstream(tx, number)], most, deepest
    )
    return [info(tx, commits.by_id(tx, number)) for number in found]


def walk_subvenance(tx: Tx, start: Iterable[CommitRef], most: int = 0, deepest: int = 0) -> list[CommitInfo]:
    """All that comes from commits, as `walking.walk` has it. Raises as `resolve`."""
    numbers = [find(tx, ref).id for ref in start]
    found = walk(numbers, lambda number: provenance.downstream_ids(tx, number), most, deepest)
    return [info(tx, commits.by_id(tx, number)) for number in found]
