"""Triggers firing: after commits that finished well, and at the times of those with a schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from calf.db import branches, commits, moves
from calf.db.branches import BranchRow
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.kit.cron import Schedule
from calf.model.ports import Due
from calf.model.refs import Branch
from calf.pfs.branches.triggers import fires, read_trigger
from calf.pfs.commits.opening import head_row
from calf.pfs.transaction import Txn

if TYPE_CHECKING:
    from calf.pfs.engine import Pfs


def follow(txn: Txn, new_id: Callable[[], str]) -> Txn | None:
    """Move the branches that wait for what this transaction finished, chains along their way.

    What flows down from there has an id of its own, so the moves are in a transaction that follows within
    this one; None when nothing fires. A head never goes back to a commit that is older than itself.
    """
    done = commits.by_ids(txn.tx, sorted(txn.finished)) if txn.finished else []
    fired = [(follower, row) for row in done for follower in _fired_by(txn, row)]
    if not fired:
        return None
    following = replace(txn, set_id=new_id(), moved=set(), owed=set(), rewired=set(), finished=set())
    for follower, row in fired:
        following.move(follower, row.id)
    return following


def _fired_by(txn: Txn, row: CommitRow) -> list[BranchRow]:
    """The branches whose trigger a finished commit fires, in the order of their chain."""
    left = [it for it in branches.of_repo(txn.tx, row.repo_id) if it.trigger]
    fired: list[BranchRow] = []
    names = {row.branch} if row.branch else set()
    while ready := [it for it in left if _followed(it) in names]:
        names = set()
        for it in ready:
            left.remove(it)
            trigger, old = read_trigger(it.trigger), head_row(txn, it)
            is_newer = old is None or row.id > old.id
            if trigger and is_newer and fires(txn.tx, trigger, old, row):
                fired.append(it)
                names.add(it.branch.name)
    return fired


def _followed(row: BranchRow) -> str:
    trigger = read_trigger(row.trigger)
    return trigger.branch if trigger else ""


def due(pfs: Pfs, tx: Tx) -> Iterator[Due]:
    """The next time of every branch that follows another one by schedule; the last time is its last move."""
    for row in branches.triggered(tx):
        trigger, last = read_trigger(row.trigger), moves.newest(tx, row.id)
        if trigger is None or not trigger.cron_spec:
            continue
        at = Schedule.parse(trigger.cron_spec).next_after(last.at if last else row.created)
        if at is not None:
            yield Due(at, f"trigger of branch {row.branch}", partial(tick, pfs, row.branch))


def tick(pfs: Pfs, branch: Branch) -> None:
    """Put a branch on the head of the one that it follows, or note that it was there already."""
    with pfs.transaction() as txn:
        row = branches.get(txn.tx, branch)
        followed = branches.get(txn.tx, replace(branch, name=_followed(row))) if row else None
        if row is None or followed is None or followed.head is None:
            return
        if followed.head == row.head:
            txn.touch(row)
        else:
            txn.move(row, followed.head)
