"""Edges between commits: what a commit was computed from. Written once, with the commit."""

from __future__ import annotations

import json
from dataclasses import dataclass

from calf.db.tx import Tx

SCHEMA = (
    """CREATE TABLE commit_provenance (
        downstream INTEGER NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
        upstream INTEGER NOT NULL REFERENCES commits (id),
        branch TEXT NOT NULL,
        PRIMARY KEY (downstream, upstream)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX commit_provenance_by_upstream ON commit_provenance (upstream)",
)


@dataclass(frozen=True, slots=True)
class Edge:
    """One direct input: the upstream commit, and the branch (of its repo) that it was the head of."""

    upstream: int
    branch: str


def insert(tx: Tx, downstream: int, edges: list[Edge]) -> None:
    """Write the edges of a new commit; the commit's digest covers them, so save it afterwards."""
    tx.many(
        "INSERT INTO commit_provenance (downstream, upstream, branch) VALUES (?, ?, ?)",
        [(downstream, edge.upstream, edge.branch) for edge in edges],
    )


def upstream(tx: Tx, downstream: int) -> list[Edge]:
    """The direct provenance of a commit, oldest commit first."""
    rows = tx.all(
        "SELECT upstream, branch FROM commit_provenance WHERE downstream = ? ORDER BY upstream", (downstream,)
    )
    return [Edge(*row) for row in rows]


def upstream_of_all(tx: Tx) -> dict[int, list[Edge]]:
    """As `upstream`, of every commit that has any."""
    edges: dict[int, list[Edge]] = {}
    for downstream, *edge in tx.all(
        "SELECT downstream, upstream, branch FROM commit_provenance ORDER BY downstream, upstream"
    ):
        edges.setdefault(downstream, []).append(Edge(*edge))
    return edges


def is_as_before(tx: Tx, commit: int) -> bool:
    """Whether all that a commit comes from holds what it held for the commit's parent; False without one."""
    row = tx.one(
        "SELECT (SELECT count(*) FROM commit_provenance WHERE downstream = c.parent), count(*),"
        " sum(EXISTS (SELECT 1 FROM commit_provenance o JOIN commits v ON v.id = o.upstream"
        " WHERE o.downstream = c.parent AND o.branch = n.branch AND v.repo = u.repo AND v.root IS u.root))"
        " FROM commits c JOIN commit_provenance n ON n.downstream = c.id JOIN commits u ON u.id = n.upstream"
        " WHERE c.id = ?",
        (commit,),
    )
    before, now, same = row or (None, 0, None)
    return bool(before == now == same)


def downstream_ids(tx: Tx, commit_id: int) -> list[int]:
    """The direct subvenance of a commit, oldest first."""
    rows = tx.all(
        "SELECT downstream FROM commit_provenance WHERE upstream = ? ORDER BY downstream", (commit_id,)
    )
    return [row[0] for row in rows]


def neighbours(tx: Tx, commit_ids: list[int]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Direct provenance and direct subvenance of commits, by their ids, each oldest first."""
    upstream: dict[int, list[int]] = {}
    downstream: dict[int, list[int]] = {}
    ids = (json.dumps(commit_ids),)
    for own, other in tx.all(
        "SELECT downstream, upstream FROM commit_provenance"
        " WHERE downstream IN (SELECT value FROM json_each(?)) ORDER BY upstream",
        ids,
    ):
        upstream.setdefault(own, []).append(other)
    for own, other in tx.all(
        "SELECT upstream, downstream FROM commit_provenance"
        " WHERE upstream IN (SELECT value FROM json_each(?)) ORDER BY downstream",
        ids,
    ):
        downstream.setdefault(own, []).append(other)
    return upstream, downstream


def closure(tx: Tx, commit_ids: list[int]) -> list[int]:
    """These commits and everything that they come from, oldest first, which is provenance first."""
    rows = tx.all(
        "WITH RECURSIVE seen (id) AS ("
        "  SELECT value FROM json_each(?)"
        "  UNION SELECT p.upstream FROM commit_provenance p JOIN seen ON p.downstream = seen.id"
        ") SELECT id FROM seen ORDER BY id",
        (json.dumps(commit_ids),),
    )
    return [row[0] for row in rows]


def descendants(tx: Tx, commit_ids: list[int]) -> list[int]:
    """These commits and everything that was made from them, oldest first, which is provenance first."""
    rows = tx.all(
        "WITH RECURSIVE seen (id) AS ("
        "  SELECT value FROM json_each(?)"
        "  UNION SELECT p.downstream FROM commit_provenance p JOIN seen ON p.upstream = seen.id"
        ") SELECT id FROM seen ORDER BY id",
        (json.dumps(commit_ids),),
    )
    return [row[0] for row in rows]
