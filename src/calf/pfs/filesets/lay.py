"""Laying a fileset on an open commit, and several on each other."""

from __future__ import annotations

from collections.abc import Sequence

from calf.model.ports import Cancel
from calf.model.refs import Commit, CommitRef
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pfs.files.modifying import modify
from calf.pfs.files.ops import LayFileset
from calf.pfs.filesets.create import create
from calf.pfs.filesets.lifetime import USUAL_LIFE


def lay(pfs: Pfs, ref: CommitRef, fileset_id: str, cancel: Cancel) -> Commit:
    """Do to an open commit what the fileset says: make its deletions, then append its files.

    Raises `NotFound` for either, `WrongState` for a commit that is finished.
    """
    with pfs.read() as tx:
        commit = commits.resolve(tx, ref)
    return modify(pfs, CommitRef(commit.repo, commit.id), [LayFileset(fileset_id)], cancel)


def compose(pfs: Pfs, fileset_ids: Sequence[str], cancel: Cancel, ttl: float = USUAL_LIFE) -> Commit:
    """A fileset that does what these do, one after the other. Raises `NotFound`, `InvalidArgument`."""
    return create(pfs, map(LayFileset, fileset_ids), cancel, ttl)
