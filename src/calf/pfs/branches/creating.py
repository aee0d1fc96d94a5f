"""Creating and changing branches: declarative, as Pachyderm's CreateBranch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from calf.db import branches
from calf.db.branches import BranchRow
from calf.model.errors import InvalidArgument, WrongState
from calf.model.pfs_infos import Trigger
from calf.model.refs import Branch, CommitRef
from calf.pfs.branches.graph import check_direct, check_edge, check_never
from calf.pfs.branches.triggers import check_trigger, write_trigger
from calf.pfs.commits.opening import ensure_branch, open_empty
from calf.pfs.commits.resolving import find
from calf.pfs.transaction import Txn


def create(
    txn: Txn,
    branch: Branch,
    head: CommitRef | None = None,
    provenance: Sequence[Branch] = (),
    trigger: Trigger | None = None,
    never: Collection[Branch] = (),
) -> None:
    """Make a branch or change one to exactly this: what is left out is taken away, except for the head.

    `head` puts the branch on that very commit of its repo. Missing branches in `provenance` are made, with an
    empty commit. A branch without head gets one, and so does one whose provenance changed to something: empty
    and finished without provenance, else open and made at the end of the transaction, when its inputs stand.

    New heads of the branches in `never`, which must be of its provenance, do not flow down to it: they are
    used when something else makes a commit.

    Raises `NotFound` for a repo, head or trigger's branch; `InvalidArgument` for an illegal name or trigger,
    a head of another repo, a cycle, its own repo in its provenance, and, at the end of the transaction, two
    branches of one repo in a DAG.
    """
    wanted = list(dict.fromkeys(provenance))
    if trigger and wanted:
        raise InvalidArgument("a branch cannot have both provenance and a trigger")
    check_direct(wanted)
    check_never(wanted, never)
    row = ensure_branch(txn, branch)
    if trigger:
        check_trigger(txn.tx, row, trigger)
    row = _with_trigger(txn, row, trigger)
    rewired = _rewire(txn, row, wanted, never)
    if head:
        target = find(txn.tx, head)
        if target.repo_id != row.repo_id:
            raise InvalidArgument("branch and head commit must belong to the same repo")
        if target.forgotten:
            raise WrongState("the branch head cannot be a forgotten commit", "choose a commit with files")
        row = txn.move(row, target.id)
    if wanted and (rewired or row.head is None):
        txn.owed.add(row.id)
    elif not wanted:
        txn.owed.discard(row.id)
        if row.head is None:
            open_empty(txn, row)


def _with_trigger(txn: Txn, row: BranchRow, trigger: Trigger | None) -> BranchRow:
    text = write_trigger(trigger)
    if text != row.trigger:
        row = replace(row, trigger=text)
        branches.save(txn.tx, row)
        txn.touch(row)
    return row


def _rewire(txn: Txn, row: BranchRow, provenance: list[Branch], never: Collection[Branch]) -> bool:
    """Put the edges as they are wanted; whether others are there than before."""
    rows = [_upstream(txn, row, branch) for branch in provenance]
    upstream, still = [it.id for it in rows], [it.id for it in rows if it.branch in never]
    old = branches.upstream_ids(txn.tx, row.id)
    if (upstream, still) == (old, branches.never_ids(txn.tx, row.id)):
        return False
    branches.set_upstream(txn.tx, row, upstream, still)
    txn.record("branch-rewired", row.branch)
    if upstream == old:
        return False
    txn.rewired.add(row.id)
    return True


def _upstream(txn: Txn, row: BranchRow, branch: Branch) -> BranchRow:
    if branch.repo == row.branch.repo:
        check_edge(txn.tx, row, replace(row, branch=branch))
    if branches.get(txn.tx, branch) is None:
        create(txn, branch)
    upstream = ensure_branch(txn, branch)
    check_edge(txn.tx, row, upstream)
    return upstream
