"""The digest of a job's list of datums, taken when the job has ended: no row of it changes after that.

One digest stands for the list, since a list of a hundred thousand is copied by one statement, which no digest
a row could be.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import blake3

from calf.db.tx import Tx

_AT_ONCE = 2000
_PAGE = """SELECT max(datum), group_concat(hex(datum) || hex(hash) || state || ' ' || coalesce(run, ''), ';')
    FROM (SELECT datum, hash, state, run FROM datums WHERE job = ? AND datum > ? ORDER BY datum LIMIT ?)"""


def seal(tx: Tx, job: int) -> None:
    """Put on record what became of the datums of a job, by its number, that ends in this transaction."""
    tx.execute("INSERT OR REPLACE INTO datum_lists (job, digest) VALUES (?, ?)", (job, _digest(tx, job)))


def seal_all(connection: sqlite3.Connection) -> None:
    """Seal the lists of all jobs that have ended: a step of the schema."""
    tx = Tx(connection)
    for (job,) in tx.all("SELECT seq FROM jobs WHERE finished <> 0"):
        seal(tx, job)


def changed(tx: Tx) -> Iterator[str]:
    """The jobs whose lists are not what they were in the end, in words."""
    for job, name, digest in tx.all(
        "SELECT j.seq, j.project || '/' || j.pipeline || '@' || j.id, l.digest"
        " FROM jobs j LEFT JOIN datum_lists l ON l.job = j.seq WHERE j.finished <> 0 ORDER BY j.seq"
    ):
        if digest != _digest(tx, job):
            yield f"the list of datums of job {name} was changed behind the engine's back"


def _digest(tx: Tx, job: int) -> bytes:
    digest, after = blake3.blake3(b"datums %d" % job), b""
    while True:
        ((last, text),) = tx.all(_PAGE, (job, after, _AT_ONCE))
        if last is None:
            return digest.digest()
        digest.update(text.encode())
        after = last


SCHEMA_4 = (
    """CREATE TABLE datum_lists (
        job INTEGER PRIMARY KEY REFERENCES jobs (seq) ON DELETE CASCADE,
        digest BLOB NOT NULL
    ) STRICT""",
    seal_all,
)
