"""Who holds a commit's data once it is gone: its children, or else those who come after bad children."""

from __future__ import annotations

from calf.db import commits
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.errors import WrongState


def check_squash(tx: Tx, row: CommitRow, doomed: set[int]) -> None:
    """Refuse to remove a commit while something would be lost or changed by it.

    Children of a bad child build on this commit too, so down every line there must be a good commit that
    stays; all that is passed must be finished, since what an open commit holds is what its base holds.
    A bad commit is built on by nobody: it must only have a child.
    """
    heirs = [child for child in commits.children(tx, row.id) if child.id not in doomed]
    if not commits.children(tx, row.id):
        raise _no_children(row)
    for child in heirs:
        if not child.finished:
            raise WrongState(
                f"cannot squash until child commit {child.commit} is finished", "finish or wait for it"
            )
    if not row.error:
        _check_good_heirs(tx, row, doomed)


def _check_good_heirs(tx: Tx, row: CommitRow, doomed: set[int]) -> None:
    todo = [row]
    while todo:
        passed = todo.pop()
        children = commits.children(tx, passed.id)
        if not children:
            raise _no_children(row)
        for child in children:
            if child.id in doomed or (child.finished and child.error):
                todo.append(child)
            elif not child.finished:
                raise WrongState(
                    f"cannot squash until child commit {child.commit} is finished", "finish or wait for it"
                )


def _no_children(row: CommitRow) -> WrongState:
    return WrongState(
        "cannot squash a commit that has no children as that would cause data loss,"
        f" use the drop operation instead: {row.commit}",
        "its data must be in a later good commit; children that finished with an error do not have it",
    )
