"""Rows of replays: what was signed when a job ran again, each result's newest; they go with its commit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calf.db.tx import Tx
from calf.model.refs import Commit, Repo
from calf.model.statement.dsse import Envelope

SCHEMA_6 = (
    """CREATE TABLE replays (
        id INTEGER PRIMARY KEY,
        commit_id INTEGER NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
        result TEXT NOT NULL,
        payload BLOB NOT NULL,
        keyid TEXT NOT NULL,
        signature BLOB NOT NULL,
        UNIQUE (commit_id, result)
    ) STRICT""",
)

_SELECT = (
    "SELECT p.id, r.project, r.name, r.type, c.set_id, CAST (coalesce(s.sha256, '') AS BLOB),"
    " CAST (p.result AS BLOB), p.payload, CAST (p.keyid AS BLOB), p.signature"
    " FROM replays p JOIN commits c ON c.id = p.commit_id JOIN repos r ON r.id = c.repo"
    " LEFT JOIN statements s ON s.commit_id = c.id"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A replay of the job that made `commit`; `number` is the row's.

    `statement` is the SHA-256 (hex) of what is signed about the commit itself; `envelope` vouches for itself,
    once its signature was checked.
    """

    number: int
    commit: Commit
    statement: str
    result: str
    envelope: Envelope


def put(tx: Tx, commit_id: int, result: str, envelope: Envelope) -> None:
    """Keep a replay, in the place of the last one with this result."""
    tx.execute("DELETE FROM replays WHERE commit_id = ? AND result = ?", (commit_id, result))
    tx.insert(
        "INSERT INTO replays (commit_id, result, payload, keyid, signature) VALUES (?, ?, ?, ?, ?)",
        (commit_id, result, envelope.payload, envelope.keyid, envelope.signature),
    )


def remove(tx: Tx, kept: Kept) -> None:
    """Keep it no longer."""
    tx.execute("DELETE FROM replays WHERE id = ?", (kept.number,))


def of_commits(tx: Tx, commit_ids: Sequence[int]) -> Iterator[Kept]:
    """Those of some commits, newest first."""
    return _read(tx, "WHERE p.commit_id IN (SELECT value FROM json_each(?))", json.dumps(list(commit_ids)))


def newest(tx: Tx, most: int) -> Iterator[Kept]:
    """The newest of all, newest first; -1 for every one."""
    return _read(tx, "", most=most)


def _read(tx: Tx, where: str, *values: str, most: int = -1) -> Iterator[Kept]:
    rows = tx.execute(f"{_SELECT} {where} ORDER BY p.id DESC LIMIT ?", (*values, most))
    for number, project, name, type_, set_id, statement, result, payload, keyid, signature in rows:
        commit = Commit(Repo(project, name, type_), set_id)
        yield Kept(
            number, commit, _text(statement), _text(result), Envelope(payload, _text(keyid), signature)
        )


def _text(stored: bytes) -> str:
    return stored.decode("ascii", "replace")
