"""Commits of files, in a step each: started, laid, finished."""

from __future__ import annotations

from collections.abc import Mapping

from calf.db import commits as commit_rows
from calf.model.content import Entry
from calf.model.refs import Branch, Commit, Repo
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.storage import trees


def put(pfs: Pfs, repo: str, files: Mapping[str, str | None], error: str = "") -> Commit:
    """Write into the open commit of a repo, or a new one, and finish it; None deletes a file."""
    with pfs.transaction() as txn:
        commit = open_commit(pfs, repo) or commits.start(txn, master(repo))
    with pfs.store.writer() as writer:
        changes: list[trees.Change] = [trees.DeletePath(path, None) for path in files]
        for path, text in files.items():
            if text is not None:
                changes.append(trees.PutEntry(Entry(path, "default", writer.content(text.encode()))))
        with pfs.read() as tx:
            old = commits.root(tx, commit)
        root = trees.apply(writer.get, writer.put, old, changes)
        writer.seal()
    with pfs.transaction() as txn:
        commits.set_root(txn, commit, root)
        commits.finish(txn, commit, error=error)
    return commit


def open_commit(pfs: Pfs, repo: str) -> Commit | None:
    with pfs.read() as tx:
        rows = commit_rows.select(tx, "WHERE c.finished = 0 AND r.name = ? ORDER BY c.id", (repo,))
    return rows[0].commit if rows else None


def master(repo: str) -> Branch:
    return Branch(Repo("default", repo), "master")
