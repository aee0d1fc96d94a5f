"""Checks of the rows: commits, branches and the edges between them."""

from __future__ import annotations

from collections.abc import Iterator

from calf.db import branches, commits, moves, provenance
from calf.db.branches import BranchRow
from calf.db.tx import Tx
from calf.model.refs import SPEC, Branch
from calf.pfs.fsck.violations import (
    BranchChanged,
    CommitChanged,
    HeadStray,
    MetadataDamaged,
    ParentBroken,
    ProvenanceBroken,
    Violation,
)


def metadata_is_whole(tx: Tx) -> Iterator[Violation]:
    """SQLite finds its own pages in order, and every row refers to rows that are there."""
    for (line,) in tx.all("PRAGMA integrity_check"):
        if line != "ok":
            yield MetadataDamaged(line)
    for table, rowid, parent, _ in tx.all("PRAGMA foreign_key_check"):
        yield MetadataDamaged(f"row {rowid} of {table} refers to a missing row of {parent}")


def commits_never_changed(tx: Tx) -> Iterator[Violation]:
    """I4: every commit's row and edges are what was written."""
    edges = provenance.upstream_of_all(tx)
    for row in commits.select(tx, "ORDER BY c.id"):
        if row.digest != commits.digest_of(row, edges.get(row.id, [])):
            yield CommitChanged(row.commit)


def branches_stand_where_they_were_put(tx: Tx) -> Iterator[Violation]:
    """I5: every branch's row is what was written, and its head a commit of its repo, put there on record."""
    for row in branches.all_(tx):
        if row.digest != _branch_digest(tx, row):
            yield BranchChanged(row.branch)
        move = moves.newest(tx, row.id)
        head = commits.by_ids(tx, [row.head]) if row.head else []
        if not head:
            yield HeadStray(row.branch, "is missing")
        elif head[0].repo_id != row.repo_id:
            yield HeadStray(row.branch, f"is {head[0].commit}, a commit of another repo")
        elif move is None or move.head != row.head:
            yield HeadStray(row.branch, f"is {head[0].commit}, where no transaction put it")


def _branch_digest(tx: Tx, row: BranchRow) -> bytes:
    return branches.digest_of(row, branches.upstream_ids(tx, row.id), branches.never_ids(tx, row.id))


def provenance_is_acyclic(tx: Tx) -> Iterator[Violation]:
    """I6: no branch and no commit comes from itself; what a commit comes from is older."""
    for row in branches.all_(tx):
        if row.id in branches.provenance_ids(tx, row.id):
            yield ProvenanceBroken(row.branch, "has a cycle")
    for row_ in commits.select(
        tx,
        "WHERE EXISTS (SELECT 1 FROM commit_provenance p WHERE p.downstream = c.id"
        " AND p.upstream >= c.id) ORDER BY c.id",
    ):
        yield ProvenanceBroken(row_.commit, "names a commit that is not older")


def heads_are_made_from_heads(tx: Tx) -> Iterator[Violation]:
    """I6: a head that the graph made was made from what the branch's inputs point at."""
    for row in branches.all_(tx):
        for branch in _unused_inputs(tx, row):
            yield ProvenanceBroken(row.branch, f"has a head that was not made from the head of {branch}")


def _unused_inputs(tx: Tx, row: BranchRow) -> list[Branch]:
    move = moves.newest(tx, row.id)
    head = commits.by_ids(tx, [row.head]) if row.head else []
    never = branches.never_ids(tx, row.id)
    inputs = [branches.by_id(tx, number) for number in branches.upstream_ids(tx, row.id)]
    was_pointed = not head or move is None or head[0].commit.id != move.set_id
    is_spout = [it.branch.repo.type for it in inputs] == [SPEC]
    if was_pointed or is_spout:
        return []
    used = {edge.upstream for edge in provenance.upstream(tx, head[0].id)}
    return [it.branch for it in inputs if it.id not in never and it.head not in used]


def parents_are_older(tx: Tx) -> Iterator[Violation]:
    """A commit's parent is an older commit of the same repo."""
    for row in commits.select(tx, "JOIN commits q ON q.id = c.parent WHERE q.id >= c.id OR q.repo <> c.repo"):
        if row.parent is not None:
            yield ParentBroken(row.commit, commits.by_id(tx, row.parent).commit)
