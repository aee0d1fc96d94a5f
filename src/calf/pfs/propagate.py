"""The end of a transaction: new heads flow down the DAG, one new commit a branch for all that moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from calf.db import branches
from calf.db.branches import BranchRow
from calf.db.commits import CommitRow
from calf.model.refs import SPEC
from calf.model.states import OriginKind
from calf.pfs.branches.firing import follow
from calf.pfs.branches.graph import check_one_branch_a_repo
from calf.pfs.commits.opening import edges_from, head_row, open_on, sources_of
from calf.pfs.transaction import Txn


def end(txn: Txn, new_id: Callable[[], str]) -> None:
    """All that the end of a transaction brings: what moved flows down, triggers fire, that flows down too."""
    propagate(txn)
    following = follow(txn, new_id)
    if following is not None:
        propagate(following)


def propagate(txn: Txn) -> None:
    """Open a commit of this set on every branch downstream of a moved one, and on those that are owed one.

    Inputs come before what is made of them, so an edge always leads from a newer commit to an older row.
    Raises `InvalidArgument` when two branches of one repo ended up in one DAG.
    """
    check_one_branch_a_repo(txn.tx, txn.rewired)
    affected = set(txn.owed)
    for number in txn.moved | txn.owed:
        affected.update(branches.flow_ids(txn.tx, number))
    depth = {number: len(branches.provenance_ids(txn.tx, number)) for number in affected}
    for number in sorted(affected, key=lambda it: (depth[it], it)):
        row = branches.by_id(txn.tx, number)
        head, sources = head_row(txn, row), sources_of(txn.tx, row)
        if number in txn.owed or _follows(txn, head, sources):
            open_on(txn, row, head, OriginKind.AUTO, edges_from(row, sources))


def _follows(txn: Txn, head: CommitRow | None, sources: Sequence[BranchRow]) -> bool:
    if head is not None and head.commit.id == txn.set_id:
        return False
    is_spout = [source.branch.repo.type for source in sources] == [SPEC]
    return not is_spout
