"""Deleting branches: commits stay and lose the label; what depends on the branch must be asked first."""

from __future__ import annotations

from dataclasses import replace

from calf.db import branches
from calf.db.branches import BranchRow
from calf.model.errors import Precondition
from calf.model.refs import Branch
from calf.pfs.branches.triggers import followers, read_trigger
from calf.pfs.rows import branch_row
from calf.pfs.transaction import Txn


def delete(txn: Txn, branch: Branch, force: bool = False, *, with_repo: bool = False) -> None:
    """Remove a branch; with `force`, drop the edges and triggers that lead to it first.

    Raises `NotFound`; without `force`, `Precondition` while it is in a direct provenance or a trigger. One
    that goes `with_repo` has nobody left to trigger: both ends of a trigger are of one repo.
    """
    row = branch_row(txn.tx, branch)
    if not force:
        _check_no_provenance(txn, row)
    if not force and not with_repo:
        _check_no_trigger(txn, row)
    for downstream in branches.downstream_ids(txn.tx, row.id):
        _drop_edge(txn, branches.by_id(txn.tx, downstream), row.id)
    for follower in followers(txn.tx, row):
        branches.save(txn.tx, replace(follower, trigger=""))
    branches.delete(txn.tx, row.id)
    for pending in (txn.moved, txn.owed, txn.rewired):
        pending.discard(row.id)
    txn.record("branch-deleted", branch)


def _check_no_provenance(txn: Txn, row: BranchRow) -> None:
    users = [branches.by_id(txn.tx, number).branch for number in branches.downstream_ids(txn.tx, row.id)]
    if users:
        names = ", ".join(dict.fromkeys(it.repo.name for it in users))
        raise _refusal(
            row,
            f"it's in the direct provenance of {_listed(users)}",
            f"first delete what is made from it ({names}); with --force that stays, and no new data reach it",
        )


def _check_no_trigger(txn: Txn, row: BranchRow) -> None:
    trigger = read_trigger(row.trigger)
    if trigger:
        source = _listed([Branch(row.branch.repo, trigger.branch)])
        raise _refusal(row, f"it is triggered by branches {source}", "--force deletes the trigger with it")
    triggered = [it.branch for it in followers(txn.tx, row)]
    if triggered:
        hint = "--force deletes it, and nothing triggers those branches any more"
        raise _refusal(row, f"it triggers branches {_listed(triggered)}", hint)


def _refusal(row: BranchRow, reason: str, hint: str) -> Precondition:
    return Precondition(f'branch "{row.branch}" cannot be deleted because {reason}', hint)


def _listed(names: list[Branch]) -> str:
    return f"[{' '.join(str(name) for name in names)}]"


def _drop_edge(txn: Txn, downstream: BranchRow, upstream: int) -> None:
    left = [number for number in branches.upstream_ids(txn.tx, downstream.id) if number != upstream]
    branches.set_upstream(txn.tx, downstream, left, branches.never_ids(txn.tx, downstream.id))
    txn.record("branch-rewired", downstream.branch)
