"""Checking one statement: who signed it, and whether it says what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from calf.db import statements
from calf.db.statements import Kept
from calf.db.tx import Tx
from calf.model.errors import InvalidArgument
from calf.model.refs import Commit
from calf.model.statement.composing import digest_of, uri
from calf.model.statement.identity import image_fault
from calf.model.statement.reading import Statement, read_statement
from calf.model.statement.signing import PublicKey
from calf.pfs.fsck import Check, Violation
from calf.pps.attest.kept_replays import replays_hold
from calf.pps.engine import Pps


@dataclass(frozen=True, slots=True)
class Subject:
    """A commit as stored: the root of its tree, which is not known any more of a forgotten one."""

    commit: Commit
    root: bytes | None
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class StatementWrong(Violation):
    """I11: the output of a successful job has no statement, or one that was not signed as it stands."""

    commit: Commit
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the statement about commit {self.commit} does not hold: {self.detail}"


def read_kept(kept: Kept, subject: Subject, key: PublicKey) -> Statement:
    """The statement that is kept about a commit. Raises `InvalidArgument` with what is wrong with it."""
    envelope = kept.envelope
    if envelope.keyid != key.keyid:
        raise InvalidArgument(f"it is signed with key {envelope.keyid}, and the key is {key.keyid}")
    if not key.accepts(envelope):
        raise InvalidArgument("its signature is not good: it, or the signature, was changed")
    if kept.sha256 != sha256(envelope.payload).hexdigest():
        raise InvalidArgument("its digest on record was changed")
    statement = read_statement(envelope.payload)
    if statement.of.uri != uri(subject.commit):
        raise InvalidArgument(f"it is about {statement.of.uri}")
    if not subject.forgotten and statement.of.digest != digest_of(subject.root):
        raise InvalidArgument(
            f"it says that the tree is {statement.of.digest}, and on record is {digest_of(subject.root)}"
        )
    if fault := image_fault(statement.internal):
        raise InvalidArgument(fault)
    return statement


def attest_checks(pps: Pps) -> list[Check]:
    """The checks of all that is signed, for `fsck`."""
    return [partial(statements_hold, pps), partial(replays_hold, pps)]


def statements_hold(pps: Pps, tx: Tx) -> Iterator[Violation]:
    """I11: the output of each successful job has a statement, signed with this data folder's key, that fits.

    Jobs that ended before there were statements are exempt.
    """
    for owed in statements.owed(tx):
        if owed.kept is None:
            yield StatementWrong(owed.commit, "it is missing")
            continue
        try:
            read_kept(owed.kept, Subject(owed.commit, owed.root, owed.forgotten), pps.attestor.public)
        except InvalidArgument as error:
            yield StatementWrong(owed.commit, error.message)
