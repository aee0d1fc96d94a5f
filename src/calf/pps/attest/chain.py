"""The chain of a commit: it and all that it comes from, each with its statement, compared with each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calf.db import commits as commit_rows
from calf.db import provenance, statements
from calf.db.commits import CommitRow
from calf.db.provenance import Edge
from calf.db.tx import Tx
from calf.model.errors import InvalidArgument
from calf.model.refs import META
from calf.model.statement.composing import digest_of, uri
from calf.model.statement.reading import Claim, Statement
from calf.model.statement.signing import PublicKey
from calf.pfs.commits.closing import is_output
from calf.pfs.commits.contents import last_good
from calf.pps.attest.checking import Subject, read_kept


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the commit `uri`: `damaged` when it was changed, else a gap, where nobody knows."""

    uri: str
    text: str
    damaged: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """A commit of the chain; `statement` is None for commits of users, and for what is not to be trusted."""

    row: CommitRow
    statement: Statement | None
    findings: tuple[Finding, ...]


def walk_chain(tx: Tx, row: CommitRow, key: PublicKey) -> Iterator[Link]:
    """A commit and all that it comes from, each once, nearest first."""
    seen, waiting = {row.id}, [row]
    while waiting:
        found = waiting.pop(0)
        edges = provenance.upstream(tx, found.id)
        sources = commit_rows.by_ids(tx, [edge.upstream for edge in edges])
        yield _link(tx, found, edges, sources, key)
        for above in [*sources, *_twin(tx, found)]:
            if above.id not in seen:
                seen.add(above.id)
                waiting.append(above)


def _link(tx: Tx, row: CommitRow, edges: list[Edge], sources: list[CommitRow], key: PublicKey) -> Link:
    found: list[Finding] = []
    name = uri(row.commit)
    if row.digest != commit_rows.digest_of(row, edges):
        found.append(Finding(name, "its record was changed"))
    if row.forgotten:
        found.append(Finding(name, "its files were forgotten, so nobody can read them again", damaged=False))
    statement = None
    kept = statements.get(tx, row.id)
    if kept is None:
        found += _without(tx, row)
    else:
        try:
            statement = read_kept(kept, Subject(row.commit, row.root, row.forgotten), key)
        except InvalidArgument as error:
            found.append(Finding(name, f"its statement does not hold: {error.message}"))
    if statement is not None:
        found += _compare(tx, statement, sources)
    return Link(row, statement, tuple(found))


def _without(tx: Tx, row: CommitRow) -> Iterator[Finding]:
    """What it means that a commit has no statement; nothing for one that users made."""
    if row.commit.repo.type == META or not is_output(tx, row):
        return
    name = uri(row.commit)
    if row.error:
        good = last_good(tx, row.commit)
        before = (
            f"; `pachctl verify {good.repo.name}@{good.id}` is about the last good commit" if good else ""
        )
        text = f"it has no statement, since its job did not succeed: {row.error}{before}"
        yield Finding(name, text, damaged=False)
    elif statements.is_owed(tx, row.commit.job):
        yield Finding(name, "its statement is missing")
    else:
        yield Finding(
            name, "it has no statement: it is older than statements, or its job was deleted", damaged=False
        )


def _compare(tx: Tx, statement: Statement, sources: list[CommitRow]) -> Iterator[Finding]:
    """Whether what a statement says of its materials is what is stored."""
    name = statement.of.uri
    above = {uri(row.commit): row for row in sources}
    for claim in statement.materials:
        row = above.pop(claim.uri, None)
        if row is None:
            yield _lost(tx, name, claim)
        else:
            yield from _compare_one(tx, name, claim, row)
    for other in above:
        yield Finding(name, f"it is on record as made from {other}, which its statement does not name")


def _lost(tx: Tx, name: str, claim: Claim) -> Finding:
    if _exists(tx, claim.uri):
        return Finding(name, f"its statement says that it was made from {claim.uri}, its record does not")
    return Finding(
        claim.uri, f"dropped: nobody can check any more that {name} was made from it", damaged=False
    )


def _exists(tx: Tx, name: str) -> bool:
    return any(uri(row.commit) == name for row in commit_rows.of_set(tx, name.rpartition("@")[2]))


def _compare_one(tx: Tx, name: str, claim: Claim, row: CommitRow) -> Iterator[Finding]:
    if not row.forgotten and claim.digest != digest_of(row.root):
        text = f"{name} was made from another tree of it: {claim.digest}, not {digest_of(row.root)}"
        yield Finding(claim.uri, text)
    of = _twin(tx, row) if row.commit.repo.type == META else [row]
    kept = next((kept for each in of if (kept := statements.get(tx, each.id)) is not None), None)
    if claim.statement != (kept.sha256 if kept else ""):
        yield Finding(claim.uri, f"its statement is not the one that {name} was made from")


def _twin(tx: Tx, row: CommitRow) -> list[CommitRow]:
    """The output of the job whose records a meta commit holds: its statement vouches for both."""
    if row.commit.repo.type != META:
        return []
    found = commit_rows.get(tx, row.commit.job.output)
    return [found] if found is not None else []
