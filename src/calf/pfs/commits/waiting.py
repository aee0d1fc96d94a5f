"""Waiting for commits: woken by every write, never polling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from calf.db import branches, commits
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.errors import WrongState
from calf.model.pfs_infos import CommitInfo
from calf.model.ports import Cancel
from calf.model.refs import Branch, Commit, CommitRef, Repo
from calf.model.states import CommitState, OriginKind
from calf.pfs.commits.reading import has_reached, info, infos
from calf.pfs.commits.resolving import find
from calf.pfs.rows import repo_row

if TYPE_CHECKING:
    from calf.pfs.engine import Pfs

_AT_ONCE = 32
"""Commits of the past that a subscription reads by one look: the last may be deleted before it is told."""


def wait(pfs: Pfs, ref: CommitRef | Commit, state: CommitState, cancel: Cancel) -> CommitInfo:
    """The record of a commit once it is in `state` or beyond; what `ref` points at is decided at once.

    Raises `NotFound` at once, `WrongState` when the commit is deleted meanwhile, `Cancelled`.
    """
    with pfs.read() as tx:
        target = find(tx, ref)
    return reached(pfs, target, state, cancel)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which commits to follow: those made on `branch` (empty: on any) after `from_`, once in `state`."""

    repo: Repo
    branch: str = ""
    from_: CommitRef | None = None
    state: CommitState = CommitState.STARTED
    origin: OriginKind = OriginKind.UNKNOWN


def subscribe(pfs: Pfs, wanted: Subscription, cancel: Cancel) -> Iterator[CommitInfo]:
    """Existing commits, then future ones, oldest first, each as it reaches the state; ends by `Cancelled`."""
    with pfs.read() as tx:
        repo_row(tx, wanted.repo)
        cursor = find(tx, wanted.from_).id if wanted.from_ else 0
    while True:
        rows, found = pfs.db.wait(partial(_next, wanted, cursor), cancel, same=(wanted, cursor))
        cursor = rows[-1].id
        yield from found or [reached(pfs, rows[0], wanted.state, cancel)]


def _next(wanted: Subscription, after: int, tx: Tx) -> tuple[list[CommitRow], list[CommitInfo]] | None:
    """The next ones that are in the state, with records; else the next one, which is to be waited for."""
    rows = _following(wanted, after, tx)
    there = list(takewhile(lambda row: has_reached(tx, row, wanted.state), rows))
    return (there or rows[:1], infos(tx, there)) if rows else None


def _following(wanted: Subscription, after: int, tx: Tx) -> list[CommitRow]:
    repo = repo_row(tx, wanted.repo)
    where, params = "WHERE c.repo = ? AND c.id > ?", [repo.id, after]
    if wanted.origin is not OriginKind.UNKNOWN:
        where, params = f"{where} AND c.origin = ?", [*params, int(wanted.origin)]
    if wanted.branch:
        branch = branches.get(tx, Branch(wanted.repo, wanted.branch))
        where, params = f"{where} AND c.branch = ?", [*params, branch.id if branch else 0]
    return commits.select(tx, f"{where} ORDER BY c.id LIMIT {_AT_ONCE}", tuple(params))


def reached(pfs: Pfs, target: CommitRow, state: CommitState, cancel: Cancel) -> CommitInfo:
    """The record of this commit once it is in `state` or beyond. Raises as `wait`."""

    def predicate(tx: Tx) -> CommitInfo | None:
        rows = commits.by_ids(tx, [target.id])
        if not rows:
            raise WrongState(f"commit {target.commit} was deleted")
        return info(tx, rows[0]) if has_reached(tx, rows[0], state) else None

    return pfs.db.wait(predicate, cancel, same=(target.id, state))
