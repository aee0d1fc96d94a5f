"""Forgetting a commit: its record, its place and its provenance stay, what it holds is given up."""

from __future__ import annotations

from dataclasses import replace

from calf.db import branches, commits, repos
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.errors import WrongState
from calf.model.refs import SPEC, USER, CommitRef, Repo
from calf.pfs.commits.resolving import find
from calf.pfs.transaction import Txn


def forget(txn: Txn, ref: CommitRef) -> None:
    """Give up the files of an old output, which its pipeline could make again; reading it says so.

    Raises `NotFound`; `WrongState` for a commit that is no pipeline's output, an open one, one with open
    children, the head of a branch, and one that a bad head makes the next commit build on.
    """
    row = find(txn.tx, ref)
    repo = row.commit.repo
    if repo.type != USER or repos.get(txn.tx, Repo(repo.project, repo.name, SPEC)) is None:
        raise WrongState("the commit to be forgotten must be in an output repo", f"{repo} is none")
    if not row.finished:
        raise WrongState(f"commit {row.commit} has not been finished", "finish or wait for it")
    if any(not child.finished for child in commits.children(txn.tx, row.id)):
        raise WrongState("direct descendants must be closed", "finish or wait for them")
    if _is_built_on(txn.tx, row):
        raise WrongState("the branch head cannot be a forgotten commit", "the next commit would build on it")
    if not row.forgotten:
        commits.save(txn.tx, replace(row, root=None, forgotten=True))
        txn.record("commit-forgotten", row.commit)


def _is_built_on(tx: Tx, row: CommitRow) -> bool:
    """Whether it is a head, or the nearest good commit behind one."""
    for branch in branches.of_repo(tx, row.repo_id):
        for ancestor in commits.line(tx, branch.head):
            if ancestor.id == row.id:
                return True
            if ancestor.finished and not ancestor.error:
                break
    return False
