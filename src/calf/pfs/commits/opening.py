"""Opening commits: those that users start, and those that the graph makes by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from calf.db import branches, commits
from calf.db.branches import BranchRow
from calf.db.commits import CommitRow
from calf.db.provenance import Edge
from calf.db.tx import Tx
from calf.model.errors import Internal, InvalidArgument, WrongState
from calf.model.names import check_branch_name
from calf.model.refs import SPEC, Branch, Commit, CommitRef, Repo
from calf.model.states import OriginKind
from calf.pfs.commits.resolving import find
from calf.pfs.rows import repo_row
from calf.pfs.transaction import Txn


def start(
    txn: Txn,
    branch: Branch,
    parent: CommitRef | None = None,
    description: str = "",
    spout: Repo | None = None,
) -> Commit:
    """Open a commit on a branch, which is made if it is missing; the head of the branch from now on.

    The parent is the branch's head unless given. `spout` is the output repo of the spout that asks, the one
    who may commit to it; its commits come from its spec. Raises `WrongState` on any other branch with
    provenance, for a parent that is still open, and for a second commit of the repo in one transaction.
    """
    if not branch.name:
        raise InvalidArgument("branch must be specified")
    row = ensure_branch(txn, branch)
    check_no_output(txn.tx, row, spout)
    parent_row = find(txn.tx, parent) if parent else head_row(txn, row)
    if parent_row is not None and parent_row.repo_id != row.repo_id:
        raise InvalidArgument("branch and parent commit must belong to the same repo")
    if parent_row is not None and not parent_row.finishing:
        raise WrongState(f"parent commit {parent_row.commit} has not been finished", "finish or wait for it")
    return open_on(txn, row, parent_row, OriginKind.USER, edges_of(txn.tx, row), description)


def edges_of(tx: Tx, row: BranchRow) -> list[Edge]:
    """What a commit that is opened on a branch now comes from: the heads of its inputs."""
    return edges_from(row, sources_of(tx, row))


def sources_of(tx: Tx, row: BranchRow) -> list[BranchRow]:
    """The direct provenance of a branch, as it stands now."""
    return [branches.by_id(tx, number) for number in branches.upstream_ids(tx, row.id)]


def edges_from(row: BranchRow, sources: Iterable[BranchRow]) -> list[Edge]:
    """The edges of a commit that is opened on a branch with these sources."""
    edges = []
    for upstream in sources:
        if upstream.head is None:
            raise Internal(f"branch {upstream.branch} has no head to build {row.branch} on")
        edges.append(Edge(upstream.head, upstream.branch.name))
    return edges


def check_no_output(tx: Tx, row: BranchRow, spout: Repo | None = None) -> None:
    """Raise `WrongState` for a branch with provenance, whose commits are not for users to make."""
    upstream = [branches.by_id(tx, number).branch.repo for number in branches.upstream_ids(tx, row.id)]
    own = spout == row.branch.repo and [repo.type for repo in upstream] == [SPEC]
    if upstream and not own:
        raise WrongState(
            f"cannot start a commit on an output branch: {row.branch}", "its commits are made by its pipeline"
        )


def check_no_versions(tx: Tx, branch: Branch) -> None:
    """Raise `WrongState` for the branch whose commits mark the versions of a pipeline: users make none."""
    row = branches.get(tx, branch) if branch.repo.type == SPEC else None
    if row is not None and branches.downstream_ids(tx, row.id):
        raise WrongState(
            f"cannot write to branch {branch}: it marks the versions of pipeline {branch.repo.name}",
            f"pachctl update pipeline makes a new version of {branch.repo.name}",
        )


def check_still_wired(tx: Tx, branch: Branch, provenance: Collection[Branch]) -> None:
    """Raise `WrongState` if the output branch of a pipeline would come from else than its spec says."""
    row = branches.get(tx, branch)
    numbers = branches.upstream_ids(tx, row.id) if row else []
    wired = {branches.by_id(tx, number).branch for number in numbers}
    name, spec = branch.repo.name, replace(branch.repo, type=SPEC)
    if any(it.repo == spec for it in wired) and set(provenance) != wired:
        raise WrongState(
            f"the provenance of {branch} is that of pipeline {name}'s spec",
            f"point a branch of its input at an older commit instead, or first: pachctl stop pipeline {name}",
        )


def open_on(
    txn: Txn,
    branch: BranchRow,
    parent: CommitRow | None,
    origin: OriginKind,
    edges: list[Edge],
    description: str = "",
) -> Commit:
    """Open a commit of this transaction's set and make it the branch's head.

    Raises `WrongState` when the repo already has one of this set.
    """
    commit = Commit(branch.branch.repo, txn.set_id)
    if commits.get(txn.tx, commit) is not None:
        raise WrongState(
            f"inconsistent dependencies: cannot create commit from {branch.branch};"
            f" repo ({branch.branch.repo}) already has a commit in this transaction"
        )
    row = CommitRow(
        id=0,
        repo_id=branch.repo_id,
        commit=commit,
        branch_id=branch.id,
        branch=branch.branch.name,
        parent=parent.id if parent else None,
        origin=origin,
        description=description,
        started=txn.now,
    )
    number = commits.insert(txn.tx, row, edges)
    txn.record("commit-opened", commit)
    txn.move(branch, number)
    return commit


def open_empty(txn: Txn, branch: BranchRow) -> Commit:
    """Give a branch without provenance its first commit: empty, finished, made by the graph."""
    commit = open_on(txn, branch, None, OriginKind.AUTO, [])
    row = find(txn.tx, commit)
    commits.save(txn.tx, replace(row, finishing=txn.now, finished=txn.now, size=0, written=True))
    txn.record("commit-finished", commit)
    return commit


def ensure_branch(txn: Txn, branch: Branch) -> BranchRow:
    """The row of a branch, made without head if it is missing. Raises `NotFound` without the repo."""
    row = branches.get(txn.tx, branch)
    if row is None:
        repo = repo_row(txn.tx, branch.repo)
        check_branch_name(branch.name)
        row = branches.insert(txn.tx, repo.id, branch, txn.now)
        txn.record("branch-created", branch)
    return row


def head_row(txn: Txn, row: BranchRow) -> CommitRow | None:
    """The commit that a branch points at, None before its first."""
    return None if row.head is None else commits.by_id(txn.tx, row.head)
