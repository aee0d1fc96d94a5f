"""Rows that must exist, or else the error that clients know."""

from __future__ import annotations

from calf.db import branches, repos
from calf.db.branches import BranchRow
from calf.db.repos import RepoRow
from calf.db.tx import Tx
from calf.kit.nearest import nearest
from calf.model.not_found import branch_not_found, repo_not_found
from calf.model.refs import Branch, Repo


def repo_row(tx: Tx, repo: Repo) -> RepoRow:
    """The row of a repo; raises `NotFound`."""
    row = repos.get(tx, repo)
    if row is None:
        raise repo_not_found(repo, _nearest(tx, repo))
    return row


def _nearest(tx: Tx, wanted: Repo) -> str:
    """The name that was probably meant, or ""."""
    known = [row.repo for row in repos.all_(tx)]
    names = [repo.name for repo in known if (repo.project, repo.type) == (wanted.project, wanted.type)]
    return nearest(wanted.name, names)


def branch_row(tx: Tx, branch: Branch) -> BranchRow:
    """The row of a branch; raises `NotFound`, in the same words when its repo is missing."""
    row = branches.get(tx, branch)
    if row is None:
        known = repos.get(tx, branch.repo)
        if known is None:
            raise branch_not_found(branch, _nearest(tx, branch.repo), without_repo=True)
        names = [row.branch.name for row in branches.of_repo(tx, known.id)]
        raise branch_not_found(branch, nearest(branch.name, names))
    return row
