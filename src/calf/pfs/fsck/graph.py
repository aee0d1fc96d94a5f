"""Checks of the rows: commits, branches and the edges between them."""

from __future__ import annotations

from collections.abc import Iterator

from calf.db import branches, commits, moves, provenance, sealed
from calf.db.branches import BranchRow
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.refs import SPEC
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
    """SQLite's pages are in order, every row refers to rows that are there, and holds what was written."""
    for (line,) in tx.all("PRAGMA integrity_check"):
        if line != "ok":
            yield MetadataDamaged(line)
    for table, rowid, parent, _ in tx.all("PRAGMA foreign_key_check"):
        yield MetadataDamaged(f"row {rowid} of {table} refers to a missing row of {parent}")
    for detail in sealed.changed(tx):
        yield MetadataDamaged(detail)


def commits_never_changed(tx: Tx) -> Iterator[Violation]:
    """I4: every commit's row and edges are what was written."""
    edges = provenance.upstream_of_all(tx)
    for row in commits.select(tx, "ORDER BY c.id"):
        if row.digest != commits.digest_of(row, edges.get(row.id, [])):
            yield CommitChanged(row.commit)


def branches_stand_where_they_were_put(tx: Tx) -> Iterator[Violation]:
    """I5: every branch's row is what was written, and its head a commit of its repo, put there on record."""
    every, edges, last = branches.all_(tx), branches.upstream_of_all(tx), moves.newest_of_all(tx)
    heads = _heads(tx, every)
    for row in every:
        above = edges.get(row.id, [])
        upstream, never = [number for number, _ in above], [number for number, held in above if held]
        if row.digest != branches.digest_of(row, upstream, never):
            yield BranchChanged(row.branch)
        move, head = last.get(row.id), heads.get(row.head)
        if head is None:
            yield HeadStray(row.branch, "is missing")
        elif head.repo_id != row.repo_id:
            yield HeadStray(row.branch, f"is {head.commit}, a commit of another repo")
        elif move is None or move.head != row.head:
            yield HeadStray(row.branch, f"is {head.commit}, where no transaction put it")


def _heads(tx: Tx, every: list[BranchRow]) -> dict[int | None, CommitRow]:
    return {row.id: row for row in commits.by_ids(tx, [row.head for row in every if row.head])}


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
    by_id = {row.id: row for row in branches.all_(tx)}
    last, heads = moves.newest_of_all(tx), _heads(tx, list(by_id.values()))
    above = branches.upstream_of_all(tx)
    for row in by_id.values():
        edges = [edge for edge in above.get(row.id, []) if edge[0] in by_id]
        move, head = last.get(row.id), heads.get(row.head)
        was_pointed = head is None or move is None or head.commit.id != move.set_id
        is_spout = [by_id[upstream].branch.repo.type for upstream, _ in edges] == [SPEC]
        if head is None or was_pointed or is_spout:
            continue
        used = {edge.upstream for edge in provenance.upstream(tx, head.id)}
        for source in (by_id[upstream] for upstream, never in edges if not never):
            if source.head not in used:
                yield ProvenanceBroken(
                    row.branch, f"has a head that was not made from the head of {source.branch}"
                )


def parents_are_older(tx: Tx) -> Iterator[Violation]:
    """A commit's parent is an older commit of the same repo."""
    for row in commits.select(tx, "JOIN commits q ON q.id = c.parent WHERE q.id >= c.id OR q.repo <> c.repo"):
        if row.parent is not None:
            yield ParentBroken(row.commit, commits.by_id(tx, row.parent).commit)
