"""Zombies: files in a pipeline's output whose datum the job no longer has."""

from __future__ import annotations

from collections.abc import Iterator

from calf.db import branches, commits
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.refs import META, USER, Commit, CommitRef, Repo
from calf.pfs.commits.contents import total_root
from calf.pfs.commits.resolving import find
from calf.pfs.fsck.violations import OutputZombie, Violation
from calf.storage import trees
from calf.storage.store import Store


def zombies_of(store: Store, ref: CommitRef, tx: Tx) -> Iterator[Violation]:
    """Whether an output holds files of datums that its records lack. Raises `NotFound`."""
    yield from _compare(store, tx, find(tx, ref))


def zombies_of_all(store: Store, tx: Tx) -> Iterator[Violation]:
    """The same of the heads of all branches."""
    for branch in branches.all_(tx):
        if branch.branch.repo.type == USER and branch.head is not None:
            yield from _compare(store, tx, commits.by_id(tx, branch.head))


def _compare(store: Store, tx: Tx, row: CommitRow) -> Iterator[Violation]:
    repo = row.commit.repo
    records = commits.get(tx, Commit(Repo(repo.project, repo.name, META), row.commit.id))
    readable = row.finished and not row.error and not row.forgotten
    if records is None or not records.finished or not readable:
        return
    known = {
        node.path.rstrip("/").rpartition("/")[2]
        for node in trees.children(store.get, total_root(tx, records), "/meta")
    }
    owners = {entry.tag for entry in trees.entries(store.get, row.root)}
    for datum_id in sorted(owners - known):
        yield OutputZombie(row.commit, datum_id)
