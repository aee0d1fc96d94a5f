"""Commits that stand apart: on no branch, so that history can be run again without disturbing any."""

from __future__ import annotations

from collections.abc import Mapping

from calf.db import commits
from calf.db.commits import CommitRow
from calf.db.provenance import Edge
from calf.model.refs import Branch, Commit, Repo
from calf.model.states import OriginKind
from calf.pfs.commits.resolving import find
from calf.pfs.rows import repo_row
from calf.pfs.transaction import Txn


def open_apart(txn: Txn, repo: Repo, sources: Mapping[Branch, Commit]) -> Commit:
    """Open a commit of this transaction's set that comes from `sources` and has neither branch nor parent.

    No branch moves and nothing follows downstream, now or when it is finished. The repo must not have a
    commit of this set yet. Raises `NotFound` for the repo or a source.
    """
    commit = Commit(repo, txn.set_id)
    edges = [Edge(find(txn.tx, source).id, branch.name) for branch, source in sources.items()]
    row = CommitRow(
        id=0,
        repo_id=repo_row(txn.tx, repo).id,
        commit=commit,
        branch_id=None,
        branch="",
        parent=None,
        origin=OriginKind.AUTO,
        description="",
        started=txn.now,
    )
    commits.insert(txn.tx, row, edges)
    txn.record("commit-opened", commit)
    return commit
