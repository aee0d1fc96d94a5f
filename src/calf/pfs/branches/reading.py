"""The records of branches."""

from __future__ import annotations

from calf.db import branches, commits, metadata, moves
from calf.db.branches import BranchRow
from calf.db.tx import Tx
from calf.model.not_found import commit_not_found
from calf.model.pfs_infos import BranchInfo
from calf.model.refs import Branch, CommitRef, Repo
from calf.pfs.branches.triggers import read_trigger
from calf.pfs.rows import branch_row, repo_row


def inspect(tx: Tx, branch: Branch) -> BranchInfo:
    """The record of a branch; raises `NotFound`."""
    return _info(tx, branch_row(tx, branch))


def list_(tx: Tx, repo: Repo | None = None, reverse: bool = False) -> list[BranchInfo]:
    """The branches of a repo (None: of all repos), newest first; `reverse` for oldest first."""
    rows = branches.of_repo(tx, repo_row(tx, repo).id) if repo else branches.all_(tx)
    return [_info(tx, row) for row in (reversed(rows) if reverse else rows)]


def _info(tx: Tx, row: BranchRow) -> BranchInfo:
    if row.head is None:
        raise commit_not_found(CommitRef(row.branch.repo, row.branch.name))
    head, move = commits.by_id(tx, row.head), moves.newest(tx, row.id)
    return BranchInfo(
        branch=row.branch,
        head=head.commit,
        head_branch=head.branch,
        provenance=_names(tx, branches.provenance_ids(tx, row.id)),
        subvenance=_names(tx, branches.subvenance_ids(tx, row.id)),
        direct_provenance=_names(tx, branches.upstream_ids(tx, row.id)),
        trigger=read_trigger(row.trigger),
        created=row.created,
        updated=move.at if move else row.created,
        never=_names(tx, branches.never_ids(tx, row.id)),
        metadata=metadata.get(tx, "branch", row.id),
    )


def _names(tx: Tx, numbers: list[int]) -> tuple[Branch, ...]:
    return tuple(branches.by_id(tx, number).branch for number in numbers)
