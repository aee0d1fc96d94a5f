"""Rows that must exist, or else the error that clients know."""

from __future__ import annotations

from calf.db import branches, repos
from calf.db.branches import BranchRow
from calf.db.repos import RepoRow
from calf.db.tx import Tx
from calf.model.not_found import branch_not_found, repo_not_found
from calf.model.refs import Branch, Repo


def repo_row(tx: Tx, repo: Repo) -> RepoRow:
    """The row of a repo; raises `NotFound`."""
    row = repos.get(tx, repo)
    if row is None:
        raise repo_not_found(repo)
    return row


def branch_row(tx: Tx, branch: Branch) -> BranchRow:
    """The row of a branch; raises `NotFound`, in the same words when its repo is missing."""
    row = branches.get(tx, branch)
    if row is None:
        raise branch_not_found(branch)
    return row
