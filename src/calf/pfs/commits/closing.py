"""Closing commits: freezing, validating, finishing; and emptying open ones."""

from __future__ import annotations

from dataclasses import replace

from calf.db import commits, provenance
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.errors import Unfinished, WrongState
from calf.model.refs import SPEC, USER, Commit, CommitRef
from calf.model.states import OriginKind
from calf.pfs.commits.contents import already_finished, base_root, open_row, total_root
from calf.pfs.commits.resolving import find
from calf.pfs.transaction import Txn
from calf.storage import trees

FORCED = "finished by force before its job was done"


def finish(
    txn: Txn, ref: CommitRef | Commit, description: str = "", error: str = "", force: bool = False
) -> Commit:
    """Close a commit: check its tree, fix its size, and let everybody see it.

    `error` marks it as bad: it stays readable, but its children build on its nearest good ancestor. A tree
    with two owners of a path, or a path that is file and directory, gets such an error here. `description`,
    if given, replaces that of `start`. `force` is for `pps`, the only one to finish a pipeline's output.

    Raises `WrongState` when it is finished already or `force` is missing; `Unfinished` when its base is still
    open, unless there is an `error`.
    """
    row = find(txn.tx, ref)
    if row.finished or (row.finishing and not force):
        raise already_finished(row)
    if not force and is_output(txn.tx, row):
        raise WrongState(
            "cannot finish a pipeline output or meta commit, use 'stop job' instead",
            f"pachctl stop job {row.commit.repo.name}@{row.commit.id}",
        )
    row = replace(
        row,
        description=description or row.description,
        finishing=row.finishing or txn.now,
        finished=txn.now,
    )
    return _close(txn, _with_error(txn, row, error) if error else _validated(txn, row)).commit


def finish_with(txn: Txn, commit: Commit, root: bytes | None) -> CommitRow:
    """Close an output commit of a pipeline that holds the tree `root`, whose objects are durable.

    As `set_root` and `finish` by force, with one row written. Raises as these do.
    """
    row = replace(open_row(txn.tx, commit), root=root, written=True)
    return _close(txn, _validated(txn, replace(row, finishing=txn.now, finished=txn.now)))


def finish_by_force(txn: Txn, ref: CommitRef | Commit, description: str = "", error: str = "") -> Commit:
    """Close a commit for a user who insists; raises as `finish`.

    The output of a pipeline is bad then, since its job did not make it what it is: nothing may build on it.
    """
    if not error and is_output(txn.tx, find(txn.tx, ref)):
        error = FORCED
    return finish(txn, ref, description, error, force=True)


def freeze(txn: Txn, commit: Commit) -> None:
    """Put an open commit in state FINISHING: its content no longer changes; `finish` with `force` ends it."""
    row = find(txn.tx, commit)
    if row.finishing:
        raise already_finished(row)
    commits.save(txn.tx, replace(row, finishing=txn.now))
    txn.record("commit-finishing", commit)


def clear(txn: Txn, ref: CommitRef | Commit) -> None:
    """Undo everything written to an open commit, so that it holds what its base holds."""
    row = find(txn.tx, ref)
    if row.finishing:
        raise WrongState("cannot clear finished commit")
    commits.save(txn.tx, replace(row, root=None, written=False))


def is_output(tx: Tx, row: CommitRow) -> bool:
    """Whether a pipeline's job writes this commit: made by the graph, from a version of a pipeline."""
    if row.origin is not OriginKind.AUTO:
        return False
    sources = commits.by_ids(tx, [edge.upstream for edge in provenance.upstream(tx, row.id)])
    return any(source.commit.repo.type == SPEC for source in sources)


def open_outputs(tx: Tx) -> list[Commit]:
    """The unfinished output commits (of user repos) of all pipelines, oldest first."""
    rows = commits.select(
        tx, "WHERE c.finished = 0 AND c.origin = ? AND r.type = ? ORDER BY c.id", (int(OriginKind.AUTO), USER)
    )
    return [row.commit for row in rows if is_output(tx, row)]


def _close(txn: Txn, row: CommitRow) -> CommitRow:
    commits.save(txn.tx, row)
    if not row.error:
        txn.finished.add(row.id)
    txn.record("commit-finished", row.commit)
    return row


def _validated(txn: Txn, row: CommitRow) -> CommitRow:
    root = row.root if row.written else base_root(txn.tx, row)
    size, wrong = trees.sized(txn.get, root)
    return replace(row, root=root, written=True, size=size, error=_violation(wrong))


def _with_error(txn: Txn, row: CommitRow, error: str) -> CommitRow:
    """A bad commit keeps what it holds, also when its base goes; while that is open, it holds nothing yet."""
    try:
        root = total_root(txn.tx, row)
    except Unfinished:
        return replace(row, size=0, error=error)
    return replace(row, root=root, written=True, size=trees.summary(txn.get, root).size, error=error)


def _violation(wrong: trees.Conflict | None) -> str:
    match wrong:
        case None:
            return ""
        case trees.Duplicate(path, tag1, tag2):
            return f"duplicate path output by different datums ({path} from {tag1} and {path} from {tag2})"
        case trees.Collision(path):
            return f"file / directory path collision ({path})"
