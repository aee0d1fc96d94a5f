"""Changing files: all of a stream's operations, or none of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calf.db import branches
from calf.db.tx import Tx
from calf.model import ancestry
from calf.model.errors import Cancelled, WrongState
from calf.model.names import is_id
from calf.model.ports import Cancel
from calf.model.refs import Branch, Commit, CommitRef, Repo
from calf.pfs import commits
from calf.pfs.commits.closing import is_output
from calf.pfs.commits.contents import open_row
from calf.pfs.commits.opening import check_no_output
from calf.pfs.engine import Pfs
from calf.pfs.files.ops import Op
from calf.pfs.files.staging import Step, carry_out, stage
from calf.pfs.rows import repo_row
from calf.storage.writer import Writer


@dataclass(frozen=True, slots=True)
class Done:
    """The commit that was changed; `own`: it was made for these operations, and is closed."""

    commit: Commit
    own: bool


def modify(pfs: Pfs, ref: CommitRef, ops: Iterable[Op], cancel: Cancel, spout: Repo | None = None) -> Commit:
    """Do the operations, in order, to an open commit; to a branch without one in a commit of its own.

    That one is made even when there is nothing to do. Bytes are stored while `ops` is read, beside any
    other request; the tree changes in one step at the end. Whatever fails, and when `ops` itself raises,
    nothing has changed. `spout` as for `commits.start`. Raises `NotFound`, `InvalidArgument` for a path,
    `WrongState` for a closed commit, `Precondition` where `Unchanged` is not so, `NoSpace`, `Cancelled`.
    """
    return modify_and_tell(pfs, ref, ops, cancel, spout).commit


def modify_and_tell(
    pfs: Pfs, ref: CommitRef, ops: Iterable[Op], cancel: Cancel, spout: Repo | None = None
) -> Done:
    """As `modify`; also says whether the commit is the operations' own."""
    with pfs.read() as tx:
        _target(tx, ref, spout)
    with pfs.store.writer() as writer:
        steps = stage(pfs, writer, ops, cancel)
        while True:
            with pfs.read() as tx:
                target = _target(tx, ref, spout)
            with pfs.locks.hold(target):
                commit = _write(pfs, ref, target, writer, steps, cancel, spout)
            if commit is not None:
                return Done(commit, own=isinstance(target, Branch))


def _write(
    pfs: Pfs,
    ref: CommitRef,
    target: Commit | Branch,
    writer: Writer,
    steps: Sequence[Step],
    cancel: Cancel,
    spout: Repo | None,
) -> Commit | None:
    """Bring the steps into the target; None when it changed meanwhile, and has to be looked at again.

    A client's death may come to light only after the end of what it sent: nobody waits for that commit.
    """
    with writer.hold.looking() as note, pfs.read() as tx:
        root = _root(tx, target)
        note(root)
    new = carry_out(writer, root, steps)
    _check(cancel)
    writer.seal()
    with pfs.transaction() as txn:
        _check(cancel)
        if _target(txn.tx, ref, spout) != target or _root(txn.tx, target) != root:
            return None
        if isinstance(target, Commit):
            commits.set_root(txn, target, new)
            return target
        commit = commits.start(txn, target, spout=spout)
        commits.set_root(txn, commit, new)
        return commits.finish(txn, commit)


def _check(cancel: Cancel) -> None:
    if cancel.cancelled:
        raise Cancelled("the request was cancelled")


def _target(tx: Tx, ref: CommitRef, spout: Repo | None) -> Commit | Branch:
    """The open commit to write to, or the branch that is to get one; a pipeline's output is neither."""
    if is_id(ref.text) or ancestry.parse(ref.text) != ancestry.Ancestry(ref.text):
        return _open(tx, commits.resolve(tx, ref))
    repo_row(tx, ref.repo)
    branch = Branch(ref.repo, ref.text)
    commits.check_no_versions(tx, branch)
    head = _head(tx, branch)
    if head is not None and not commits.inspect(tx, head).finishing:
        return _open(tx, head)
    if row := branches.get(tx, branch):
        check_no_output(tx, row, spout)
    return branch


def _open(tx: Tx, commit: Commit) -> Commit:
    row = open_row(tx, commit)
    if is_output(tx, row):
        raise WrongState(
            f"cannot write to commit {commit}: it is the output of a pipeline", "its job alone writes it"
        )
    return commit


def _root(tx: Tx, target: Commit | Branch) -> bytes | None:
    """What the target holds before the steps: for a branch, what a new commit on it would build on."""
    if isinstance(target, Commit):
        return commits.root(tx, target)
    head = _head(tx, target)
    if head is None:
        return None
    return commits.base(tx, head) if commits.inspect(tx, head).error else commits.root(tx, head)


def _head(tx: Tx, branch: Branch) -> Commit | None:
    row = branches.get(tx, branch)
    return (
        None if row is None or row.head is None else commits.resolve(tx, CommitRef(branch.repo, branch.name))
    )
