"""What a commit is computed from, and whether all of that is there."""

from __future__ import annotations

from dataclasses import dataclass

from calf.db import commits, provenance
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.refs import Branch, Commit
from calf.pfs.commits.resolving import find


@dataclass(frozen=True, slots=True)
class Readiness:
    """`waiting`: direct inputs that are not finished; `errored`: finished ones that are bad."""

    waiting: tuple[Branch, ...]
    errored: tuple[Branch, ...]

    @property
    def ready(self) -> bool:
        """Whether every direct input is finished (well or badly)."""
        return not self.waiting


def provenance_rows(tx: Tx, row: CommitRow) -> list[tuple[Branch, CommitRow]]:
    """The direct inputs of a commit: the branch that each stands for, and the commit's row."""
    edges = provenance.upstream(tx, row.id)
    sources = commits.by_ids(tx, [edge.upstream for edge in edges])
    return [(Branch(it.commit.repo, edge.branch), it) for edge, it in zip(edges, sources, strict=True)]


def inputs(tx: Tx, commit: Commit) -> dict[Branch, Commit]:
    """The direct inputs of a commit by the branch that each stands for; a pipeline's version is one too."""
    return {branch: row.commit for branch, row in provenance_rows(tx, find(tx, commit))}


def readiness(tx: Tx, commit: Commit) -> Readiness:
    """Whether the direct inputs of a commit are finished, and which of them are bad."""
    return readiness_of(tx, find(tx, commit))


def readiness_of(tx: Tx, row: CommitRow) -> Readiness:
    """As `readiness`, of a row."""
    inputs = provenance_rows(tx, row)
    return Readiness(
        waiting=tuple(branch for branch, it in inputs if not it.finished),
        errored=tuple(branch for branch, it in inputs if it.finished and it.error),
    )
