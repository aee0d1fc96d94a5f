"""Verifying a commit: the chain of its statements, and every byte of every commit in it, read again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from calf.db import commits as commit_rows
from calf.db import statements
from calf.db.commits import CommitRow
from calf.db.statements import Kept
from calf.db.tx import Tx
from calf.model.content import Entry
from calf.model.errors import Cancelled, IntegrityError, NotFound, WrongState
from calf.model.not_found import commit_not_found
from calf.model.ports import Cancel
from calf.model.refs import Commit, CommitRef
from calf.model.statement.canonical import canonical
from calf.model.statement.composing import digest_of, uri
from calf.model.statement.dsse import Envelope
from calf.model.statement.reading import Claim
from calf.model.statement.signing import PublicKey
from calf.model.statement.summary import Summary, compose_summary
from calf.pfs import commits
from calf.pps.attest.chain import Finding, Link, walk_chain
from calf.pps.engine import Pps
from calf.storage import trees
from calf.storage.store import Store


@dataclass(frozen=True, slots=True)
class Checked:
    """A commit that was read to its end; `statement` is the SHA-256 (hex) of its statement, if it has one."""

    uri: str
    statement: str
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end: `summary` is signed when it was asked for, and names every file."""

    commit: Commit
    ok: bool
    statements: int
    files: int
    size: int
    keyid: str
    summary: Envelope | None = None


@dataclass(slots=True)
class _Reading:
    """What was read so far. Objects that several commits share are read once."""

    store: Store
    cancel: Cancel
    seen: set[bytes] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)


def verify(
    pps: Pps, ref: CommitRef, cancel: Cancel, *, key: PublicKey | None = None, summarise: bool = False
) -> Iterator[Finding | Checked | Verdict]:
    """Check a commit and all that it comes from; what is found as it is found, and the verdict last.

    Signatures must be by `key`, by default this data folder's own. With `summarise` the verdict has a
    summary, which names the files of the commit. Raises `NotFound`; `WrongState` while it is not finished.
    """
    with pps.pfs.store.hold() as hold:  # what is dropped meanwhile must not look like damage
        with hold.looking() as note, pps.pfs.read() as tx:
            row = _finished(tx, ref)
            links = list(walk_chain(tx, row, key or pps.attestor.public))
            for link in links:
                note(link.row.root)
        yield from _verify(pps, links, cancel, keyid=(key or pps.attestor.public).keyid, summarise=summarise)


def _verify(
    pps: Pps, links: list[Link], cancel: Cancel, *, keyid: str, summarise: bool
) -> Iterator[Finding | Checked | Verdict]:
    row = links[0].row
    reading, done, sound = _Reading(pps.pfs.store, cancel), list[Checked](), True
    for link in links:
        for item in _check(reading, link, wanted=summarise and link is links[0]):
            if isinstance(item, Checked):
                done.append(item)
            else:
                sound = False
            yield item
    yield Verdict(
        row.commit,
        sound,
        sum(link.statement is not None for link in links),
        sum(item.files for item in done),
        sum(item.size for item in done),
        keyid,
        _summary(pps, row, links, reading.files, sound) if summarise else None,
    )


def statement_about(tx: Tx, ref: CommitRef) -> Kept:
    """The statement about an output. Raises `NotFound` for a commit that has none, as those of users."""
    row = _finished(tx, ref)
    kept = statements.get(tx, row.id)
    if kept is None:
        raise NotFound(
            f"there is no statement about commit {row.commit}",
            "outputs of jobs that ended well have one; those of users have none",
        )
    return kept


def _finished(tx: Tx, ref: CommitRef) -> CommitRow:
    commit = commits.resolve(tx, ref)
    row = commit_rows.get(tx, commit)
    if row is None:
        raise commit_not_found(commit)
    if not row.finished:
        raise WrongState(f"commit {commit} has not been finished", "wait for it")
    return row


def _check(reading: _Reading, link: Link, *, wanted: bool) -> Iterator[Finding | Checked]:
    yield from link.findings
    row, name = link.row, uri(link.row.commit)
    if row.forgotten:
        return
    files = size = 0
    try:
        for entry in trees.entries(reading.store.get, row.root):
            trouble = _read(reading, entry, wanted=wanted)
            if trouble:
                yield Finding(name, f"{entry.path} cannot be read: {trouble}")
            else:
                files, size = files + 1, size + entry.content.size
    except IntegrityError as error:
        yield Finding(name, f"its tree cannot be read: {error.message}")
        return
    yield Checked(name, link.statement.sha256 if link.statement else "", files, size)


def _read(reading: _Reading, entry: Entry, *, wanted: bool) -> str:
    """Why a file cannot be read as it was written, empty when it can."""
    hasher = sha256()
    try:
        for object_id in entry.content.chunks:
            if reading.cancel.cancelled:
                raise Cancelled("the request was cancelled")
            if wanted:
                hasher.update(reading.store.get(object_id))
            elif object_id not in reading.seen:
                reading.store.verify(object_id)
            reading.seen.add(object_id)
    except IntegrityError as error:
        return error.message
    if wanted:
        reading.files[entry.path] = hasher.hexdigest()
    return ""


def _summary(pps: Pps, row: CommitRow, links: list[Link], files: dict[str, str], sound: bool) -> Envelope:
    summary = Summary(
        Claim(uri(row.commit), digest_of(row.root)),
        files,
        [link.statement.sha256 for link in links if link.statement is not None],
        sound,
    )
    return pps.attestor.signer.sign(canonical(compose_summary(summary, pps.pfs.clock())))
