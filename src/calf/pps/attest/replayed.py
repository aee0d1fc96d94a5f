"""Signing how a replay came out, and keeping that: the engine itself compares, and takes nobody's word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calf.db import commits as commit_rows
from calf.db import statements
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.errors import Cancelled, NotFound, WrongState
from calf.model.not_found import commit_not_found
from calf.model.ports import Cancel
from calf.model.refs import CommitRef
from calf.model.statement.canonical import canonical
from calf.model.statement.dsse import Envelope
from calf.model.statement.reading import Statement
from calf.model.statement.replays import (
    DIFFERS,
    REPRODUCED,
    WITHIN_TOLERANCE,
    Replay,
    compose_replay,
)
from calf.model.statement.signing import PublicKey
from calf.model.tolerance import read_tolerance
from calf.pfs import commits
from calf.pps.attest.checking import Subject, read_kept
from calf.pps.attest.kept_replays import keep
from calf.pps.engine import Pps
from calf.storage import trees


def sign_replay(pps: Pps, recorded: CommitRef, again: CommitRef, cancel: Cancel) -> Envelope:
    """What came of running the job of `recorded` once more, as `again`; it is kept with that commit.

    Raises `NotFound` for a commit without statement, `InvalidArgument` for a statement that does not hold,
    `WrongState` when the one is no replay of the other: other inputs, spec or image, or not a run of its own.
    """
    key = pps.attestor.public
    with pps.pfs.store.hold() as hold:
        with hold.looking() as note, pps.pfs.read() as tx:
            old, was = _stated(tx, recorded, key)
            new, now = _stated(tx, again, key)
            note(old.root)
            note(new.root)
        if other := _other(was, now):
            raise WrongState(f"{new.commit} is no replay of {old.commit}: {other}")
        result = _compare(pps, was, old.root, new.root, cancel)
    replay = Replay(was.of, now.sha256, result)
    envelope = pps.attestor.signer.sign(canonical(compose_replay(replay, pps.pfs.clock())))
    keep(pps, old.commit, replay, envelope)
    return envelope


def _stated(tx: Tx, ref: CommitRef, key: PublicKey) -> tuple[CommitRow, Statement]:
    commit = commits.resolve(tx, ref)
    row = commit_rows.get(tx, commit)
    if row is None:
        raise commit_not_found(commit)
    kept = statements.get(tx, row.id)
    if kept is None:
        raise NotFound(f"there is no statement about commit {commit}")
    if row.forgotten:
        raise WrongState(f"the files of commit {commit} were forgotten")
    return row, read_kept(kept, Subject(commit, row.root), key)


def _other(old: Statement, new: Statement) -> str:
    """What makes a run no replay, empty when it is one."""
    before, after = (each.document["predicate"]["buildDefinition"] for each in (old, new))
    if old.sha256 == new.sha256 or not new.internal["detached"] or new.internal["datums"]["skipped"]:
        return "it is not a run of its own"
    if before["externalParameters"] != after["externalParameters"]:
        return "it ran another version of the pipeline"
    if _files_of(old.internal["image"]) != _files_of(new.internal["image"]):
        return "it ran in another image"
    inputs = [{claim.uri: claim.digest for claim in each.materials} for each in (old, new)]
    return "" if inputs[0] == inputs[1] else "it read other inputs"


def _files_of(image: Mapping[str, Any]) -> tuple[Any, ...]:
    """What an image is, each file of it as far as that was read; not what is known of it by the way, such as
    what a registry calls it: that comes and goes.
    """
    return image["kind"], image["digest"], image["files"]


def _compare(pps: Pps, statement: Statement, old: bytes | None, new: bytes | None, cancel: Cancel) -> str:
    """Only what the recorded statement itself declares may differ, and must be there all the same."""
    tolerance = read_tolerance(statement.internal["determinism"])
    result = REPRODUCED
    for before, after in trees.diff(pps.pfs.store.get, old, new):
        if cancel.cancelled:
            raise Cancelled("the request was cancelled")
        if all(side is None or side.is_dir for side in (before, after)):
            continue
        both = before is not None and after is not None and not before.is_dir and not after.is_dir
        if not both or before is None or not tolerance.reason(before.path):
            return DIFFERS
        result = WITHIN_TOLERANCE
    return result
