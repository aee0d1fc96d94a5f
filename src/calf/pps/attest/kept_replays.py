"""That a job came out the same again, or not, is kept with the commit that it is about, as it was signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from calf.db import commits as commit_rows
from calf.db import replays, statements
from calf.db.replays import Kept
from calf.db.tx import Tx
from calf.model.errors import Cancelled, InvalidArgument, NotFound
from calf.model.ports import Cancel
from calf.model.refs import Commit, CommitRef
from calf.model.statement.composing import uri
from calf.model.statement.dsse import Envelope
from calf.model.statement.replays import Replay, read_replay, signed_at
from calf.model.statement.signing import PublicKey
from calf.pfs import commits
from calf.pfs.fsck import Violation
from calf.pps.engine import Pps

MOST = 1000
"""Of so many commits, or of so many replays, one question is answered."""


@dataclass(frozen=True, slots=True)
class KeptReplay:
    """How the job that made `commit` came out when it was run again, signed by this engine `at` that time."""

    commit: Commit
    result: str
    at: float
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class ReplayWrong(Violation):
    """I11: what is kept of a replay was not signed as it stands, so that nobody is told of it."""

    commit: Commit
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"what is kept of a replay of commit {self.commit} does not hold: {self.detail}"


def keep(pps: Pps, commit: Commit, replay: Replay, envelope: Envelope) -> None:
    """Keep what was signed of a replay, without those before it that do not hold.

    Nothing is kept when the commit has gone meanwhile.
    """
    with pps.pfs.transaction() as txn:
        row = commit_rows.get(txn.tx, commit)
        kept = statements.get(txn.tx, row.id) if row else None
        if row is not None and kept is not None and kept.sha256 == replay.of.statement:
            for each in list(replays.of_commits(txn.tx, [row.id])):
                if _wrong(each, pps.attestor.public):
                    replays.remove(txn.tx, each)
            replays.put(txn.tx, row.id, replay.result, envelope)
            txn.record("job-replayed", commit.job)


def kept_replays(pps: Pps, refs: Sequence[CommitRef], cancel: Cancel) -> Iterator[KeptReplay]:
    """The replays of the jobs that made some commits, or without any of all jobs; newest first.

    Only what this data folder's key signed about the very statement that the commit has. Of commits that are
    gone there is nothing. Raises `InvalidArgument` for more than `MOST` commits, and for bad ancestry.
    """
    if len(refs) > MOST:
        raise InvalidArgument(f"one asks about {MOST} commits at most", "ask several times")
    with pps.pfs.read() as tx:
        found = list(replays.of_commits(tx, _ids(tx, refs, cancel)) if refs else replays.newest(tx, MOST))
    key = pps.attestor.public
    for kept in found:
        try:
            replay = _checked(kept, key)
        except InvalidArgument:
            continue  # fsck says so
        yield KeptReplay(kept.commit, replay.result, signed_at(kept.envelope.payload), kept.envelope)


def _ids(tx: Tx, refs: Iterable[CommitRef], cancel: Cancel) -> list[int]:
    found = []
    for ref in dict.fromkeys(refs):
        if cancel.cancelled:  # each may be thousands of commits back
            raise Cancelled("the request was cancelled")
        try:
            row = commit_rows.get(tx, commits.resolve(tx, ref))
        except NotFound:
            continue
        if row is not None:
            found.append(row.id)
    return found


def _checked(kept: Kept, key: PublicKey) -> Replay:
    """What is kept, as far as it is signed with `key` and about this commit. Raises `InvalidArgument`."""
    if kept.envelope.keyid != key.keyid or not key.accepts(kept.envelope):
        raise InvalidArgument(f"it is not signed with key {key.keyid}")
    replay = read_replay(kept.envelope.payload)
    if (replay.of.uri, replay.of.statement) != (uri(kept.commit), kept.statement):
        raise InvalidArgument(f"it is about {replay.of.uri}, or another statement")
    if replay.result != kept.result:
        raise InvalidArgument(f"it says {replay.result!r}, and on record is {kept.result!r}")
    return replay


def replays_hold(pps: Pps, tx: Tx) -> Iterator[Violation]:
    """I11: what is kept of replays was signed with this data folder's key, about the commit it lies with."""
    for kept in replays.newest(tx, -1):
        if wrong := _wrong(kept, pps.attestor.public):
            yield ReplayWrong(kept.commit, wrong)


def _wrong(kept: Kept, key: PublicKey) -> str:
    """Why nobody is told of what is kept, empty when it holds."""
    try:
        _checked(kept, key)
    except InvalidArgument as error:
        return error.message
    return ""
