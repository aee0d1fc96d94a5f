"""Removing history: squashing, which keeps the data in what came later, and dropping, which does not.

What is removed goes with everything that was computed from it, and an output goes with the records of its
datums. The jobs behind it are the business of `pps.jobs.removed`.
"""

from __future__ import annotations

from dataclasses import replace

from calf.db import branches, commits, provenance
from calf.db.branches import BranchRow
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.errors import Internal, WrongState
from calf.model.not_found import commit_set_not_found
from calf.model.refs import META, SPEC, USER, Commit, CommitRef, Repo
from calf.model.states import OriginKind
from calf.pfs.commits.heirs import check_squash
from calf.pfs.commits.opening import open_empty
from calf.pfs.commits.resolving import find
from calf.pfs.transaction import Txn


def squash_set(txn: Txn, set_id: str) -> list[Commit]:
    """Remove all commits of a set; their data is in their children, which get their parents. Gives them.

    Raises `NotFound`; `WrongState` for one without children or with an unfinished one, for the version of a
    pipeline, and when other sets depend on it.
    """
    return _remove(txn, _of_set(txn.tx, set_id), squash=True)


def drop_set(txn: Txn, set_id: str) -> list[Commit]:
    """Remove all commits of a set, which must be the last of their lines, with their data. Gives them.

    Heads fall back to the parents; a branch left without commits gets an empty one. Raises `NotFound`;
    `WrongState` for one with children, for the version of a pipeline, and when other sets depend on it.
    """
    return _remove(txn, _of_set(txn.tx, set_id), squash=False)


def squash(txn: Txn, ref: CommitRef | Commit, recursive: bool = False) -> list[Commit]:
    """As `squash_set`, of one commit and, if `recursive`, what was made from it; raises as that."""
    return _remove(txn, _with_subvenance(txn.tx, ref, recursive, "squash"), squash=True)


def drop(txn: Txn, ref: CommitRef | Commit, recursive: bool = False) -> list[Commit]:
    """As `drop_set`, of one commit and, if `recursive`, what was made from it; raises as that."""
    return _remove(txn, _with_subvenance(txn.tx, ref, recursive, "drop"), squash=False)


def _of_set(tx: Tx, set_id: str) -> list[CommitRow]:
    rows = commits.of_set(tx, set_id)
    if not rows:
        raise commit_set_not_found(set_id)
    _check_no_version(rows)
    later = commits.by_ids(tx, provenance.descendants(tx, [row.id for row in rows]))
    others = list(dict.fromkeys(row.commit.id for row in later if row.commit.id != set_id))
    if others:
        raise WrongState(
            f'commit set "{set_id}" cannot be dropped because it has subvenant commit sets:'
            f" [{' '.join(others)}]",
            "remove those first, the newest first",
        )
    return rows


def _with_subvenance(tx: Tx, ref: CommitRef | Commit, recursive: bool, verb: str) -> list[CommitRow]:
    row = find(tx, ref)
    own = [row.id, *(it.id for it in [_twin(tx, row)] if it)]
    below = provenance.descendants(tx, own)
    if set(below) - set(own) and not recursive:
        raise WrongState(
            f"cannot {verb} commit ({row.commit}) with subvenance without recursive",
            "what was made from it would go too: say --recursive",
        )
    rows = commits.by_ids(tx, below)
    _check_no_version(rows)
    return rows


def _twin(tx: Tx, row: CommitRow) -> CommitRow | None:
    """The other commit of the same job: the records of an output's datums, or the output."""
    repo, other = row.commit.repo, {USER: META, META: USER}.get(row.commit.repo.type)
    if other is None or row.origin is not OriginKind.AUTO:
        return None
    return commits.get(tx, Commit(Repo(repo.project, repo.name, other), row.commit.id))


def _check_no_version(rows: list[CommitRow]) -> None:
    for row in rows:
        if row.commit.repo.type == SPEC and row.origin is OriginKind.USER:
            raise WrongState(
                f"cannot squash commit {row.commit} because it updated a pipeline",
                f"delete the pipeline {row.commit.repo.name} to be rid of its versions",
            )


def _remove(txn: Txn, rows: list[CommitRow], *, squash: bool) -> list[Commit]:
    doomed = {row.id: row for row in rows}
    for row in rows:
        if squash:
            check_squash(txn.tx, row, set(doomed))
        else:
            _check_drop(txn.tx, row, set(doomed))
    for row in rows:
        for child in commits.children(txn.tx, row.id):
            if child.id not in doomed:
                commits.save(txn.tx, replace(child, parent=_survivor(doomed, row)))
    left = [_fall_back(txn, branch, doomed) for branch in branches.on_commits(txn.tx, list(doomed))]
    commits.delete(txn.tx, list(doomed))
    txn.finished.difference_update(doomed)
    _begin_anew(txn, [branch for branch in left if branch.head is None])
    for row in rows:
        txn.record("commit-deleted", row.commit)
    return [row.commit for row in rows]


def _check_drop(tx: Tx, row: CommitRow, doomed: set[int]) -> None:
    if any(child.id not in doomed for child in commits.children(tx, row.id)):
        raise WrongState(
            f"cannot drop a commit that has children: {row.commit}", "squash it: its data stays in them"
        )


def _survivor(doomed: dict[int, CommitRow], row: CommitRow) -> int | None:
    """The nearest ancestor that stays."""
    parent = row.parent
    while parent in doomed:
        parent = doomed[parent].parent
    return parent


def _fall_back(txn: Txn, branch: BranchRow, doomed: dict[int, CommitRow]) -> BranchRow:
    """Let a head fall back to what stays, or to nothing; what was made downstream is as it was."""
    if branch.head is None:
        raise Internal(f"branch {branch.branch} has no head to fall back from")
    parent = _survivor(doomed, doomed[branch.head])
    if parent is not None and commits.by_id(txn.tx, parent).forgotten:
        raise WrongState("the branch head cannot be a forgotten commit", f"branch {branch.branch} would be")
    if parent is not None:
        return txn.point(branch, parent)
    branch = replace(branch, head=None)
    branches.save(txn.tx, branch)
    return branch


def _begin_anew(txn: Txn, bare: list[BranchRow]) -> None:
    """Give branches their first commit again: at the end of the transaction if they are made from others.

    A repo gets one commit, so branches of one repo share it.
    """
    first: dict[int, BranchRow] = {}
    for branch in bare:
        other = first.setdefault(branch.repo_id, branch)
        is_made = bool(branches.upstream_ids(txn.tx, branch.id))
        if other is not branch and (is_made or other.id in txn.owed):
            raise WrongState(
                f"branches {other.branch} and {branch.branch} would both be left without a commit",
                f"delete branch {branch.branch.name} first",
            )
        if is_made:
            txn.owed.add(branch.id)
        elif other is branch:
            open_empty(txn, branch)
        else:
            txn.move(branch, find(txn.tx, Commit(branch.branch.repo, txn.set_id)).id)
