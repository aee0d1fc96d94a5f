"""Rows of statements: what is signed about the output of each successful job; they go with its commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calf.db.digest import Sealed
from calf.db.tx import Tx
from calf.model.refs import Commit, Job, Pipeline, Repo
from calf.model.statement.composing import Material
from calf.model.statement.dsse import Envelope
from calf.model.states import JobState

SCHEMA_3 = (
    """CREATE TABLE statements (
        commit_id INTEGER PRIMARY KEY REFERENCES commits (id) ON DELETE CASCADE,
        payload BLOB NOT NULL,
        sha256 TEXT NOT NULL,
        keyid TEXT NOT NULL,
        signature BLOB NOT NULL
    ) STRICT""",
    "CREATE TABLE statements_since (at REAL NOT NULL) STRICT",
    "INSERT INTO statements_since SELECT coalesce(max(finished), 0.0) FROM jobs",
)
SINCE = Sealed("statements_since", (), ("at",))
SCHEMA_4 = (SINCE.add_column, SINCE.seal_all)


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement as stored; `sha256` (hex) must be that of the envelope's payload."""

    envelope: Envelope
    sha256: str


@dataclass(frozen=True, slots=True)
class Owed:
    """An output that must have a statement, with the root of its tree and what is there."""

    commit: Commit
    root: bytes | None
    forgotten: bool
    kept: Kept | None


def insert(tx: Tx, commit_id: int, kept: Kept) -> None:
    """Keep the statement about a commit, which has none."""
    envelope = kept.envelope
    tx.execute(
        "INSERT INTO statements (commit_id, payload, sha256, keyid, signature) VALUES (?, ?, ?, ?, ?)",
        (commit_id, envelope.payload, kept.sha256, envelope.keyid, envelope.signature),
    )


def get(tx: Tx, commit_id: int) -> Kept | None:
    """The statement about a commit, None when there is none."""
    row = tx.one(
        "SELECT payload, CAST (keyid AS BLOB), signature, CAST (sha256 AS BLOB) FROM statements"
        " WHERE commit_id = ?",
        (commit_id,),
    )
    return None if row is None else _kept(row)


def materials(tx: Tx, commit_id: int) -> list[Material]:
    """What a commit was made from, oldest first, each with its tree and the SHA-256 of its statement.

    The records of a job's datums have that of the job's output.
    """
    rows = tx.all(
        "SELECT r.project, r.name, r.type, c.set_id, c.root,"
        " CAST (coalesce(s.sha256, t.sha256, '') AS BLOB)"
        " FROM commit_provenance p JOIN commits c ON c.id = p.upstream JOIN repos r ON r.id = c.repo"
        " LEFT JOIN statements s ON s.commit_id = c.id"
        " LEFT JOIN repos o ON r.type = 'meta' AND o.type = 'user'"
        " AND o.project = r.project AND o.name = r.name"
        " LEFT JOIN commits d ON d.repo = o.id AND d.set_id = c.set_id"
        " LEFT JOIN statements t ON t.commit_id = d.id"
        " WHERE p.downstream = ? ORDER BY p.upstream",
        (commit_id,),
    )
    return [
        Material(Commit(Repo(project, name, type_), set_id), root, _text(statement))
        for project, name, type_, set_id, root, statement in rows
    ]


def is_owed(tx: Tx, job: Job) -> bool:
    """Whether the output of a job must have a statement: it ended SUCCESS since there are any."""
    key = (job.pipeline.project, job.pipeline.name, job.id, int(JobState.SUCCESS))
    return bool(
        tx.value(
            "SELECT finished > (SELECT at FROM statements_since) FROM jobs"
            " WHERE project = ? AND pipeline = ? AND id = ? AND state = ?",
            key,
        )
    )


def owed(tx: Tx) -> Iterator[Owed]:
    """All outputs that must have one, oldest job first, as far as their commits are there."""
    rows = tx.execute(
        "SELECT j.project, j.pipeline, j.id, c.root, c.forgotten,"
        " s.payload, CAST (s.keyid AS BLOB), s.signature, CAST (s.sha256 AS BLOB)"
        " FROM jobs j JOIN repos r ON r.project = j.project AND r.name = j.pipeline AND r.type = 'user'"
        " JOIN commits c ON c.repo = r.id AND c.set_id = j.id LEFT JOIN statements s ON s.commit_id = c.id"
        " WHERE j.state = ? AND j.finished > (SELECT at FROM statements_since) ORDER BY j.seq",
        (int(JobState.SUCCESS),),
    )
    for project, name, job_id, root, forgotten, *kept in rows:
        commit = Commit(Pipeline(project, name).repo, job_id)
        yield Owed(commit, root, bool(forgotten), _kept(kept) if kept[0] is not None else None)


def _kept(row: Sequence[bytes]) -> Kept:
    """From payload, key, signature and digest: as bytes, since whoever changed them need not spell well."""
    payload, keyid, signature, sha256 = row
    return Kept(Envelope(payload, _text(keyid), signature), _text(sha256))


def _text(stored: bytes) -> str:
    return stored.decode("ascii", "replace")
