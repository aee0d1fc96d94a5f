"""What a branch is made from, and what is made from it, at any distance."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from calf.db import branches
from calf.db.tx import Tx
from calf.model.pfs_infos import BranchInfo
from calf.model.refs import Branch
from calf.pfs.branches.reading import inspect
from calf.pfs.rows import branch_row
from calf.pfs.walking import walk

Walk = Callable[[Tx, Iterable[Branch], int, int], list[BranchInfo]]
"""Takes where to start, how many to give and how far to go at most; see `walking.walk`."""


def walk_provenance(tx: Tx, start: Iterable[Branch], most: int = 0, deepest: int = 0) -> list[BranchInfo]:
    """All that branches are made from, as `walking.walk` has it. Raises `NotFound`."""
    numbers = [branch_row(tx, branch).id for branch in start]
    return _infos(tx, walk(numbers, lambda number: branches.upstream_ids(tx, number), most, deepest))


def walk_subvenance(tx: Tx, start: Iterable[Branch], most: int = 0, deepest: int = 0) -> list[BranchInfo]:
    """All that is made from branches, as `walking.walk` has it. Raises `NotFound`."""
    numbers = [branch_row(tx, branch).id for branch in start]
    return _infos(tx, walk(numbers, lambda number: branches.downstream_ids(tx, number), most, deepest))


def _infos(tx: Tx, numbers: Iterable[int]) -> list[BranchInfo]:
    return [inspect(tx, branches.by_id(tx, number).branch) for number in numbers]
