"""A fileset from a commit."""

from __future__ import annotations

from enum import Enum

from calf.db.filesets import Deletion
from calf.model.content import Entry
from calf.model.ports import Cancel, Held
from calf.model.refs import Commit, CommitRef
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pfs.files.snapshot import take_snapshot
from calf.pfs.filesets.lifetime import keep
from calf.storage import trees
from calf.storage.trees import PutEntry


class Part(Enum):
    """Which part of a commit: all that it holds, or what it changed."""

    TOTAL = 0
    DIFF = 1


def take(pfs: Pfs, ref: CommitRef, part: Part, cancel: Cancel) -> Commit:
    """A fileset of what a commit holds, or of what it changed, an open one's so far. Raises `NotFound`."""
    with pfs.store.writer() as writer:
        snapshot = take_snapshot(pfs, ref, cancel, writer.hold)
        if part is Part.TOTAL:
            return keep(pfs, snapshot.root)
        gone: list[Deletion] = []
        come: list[Entry] = []
        for old, new in trees.diff(pfs.store.get, _base(pfs, writer.hold, snapshot.commit), snapshot.root):
            if old and old.entry:
                gone.append(Deletion(old.entry.path, old.entry.tag, below=False))
            if new and new.entry:
                come.append(new.entry)
        root = trees.apply(writer.get, writer.put, None, map(PutEntry, come))
        writer.seal()
        return keep(pfs, root, tuple(gone))


def _base(pfs: Pfs, hold: Held, commit: Commit) -> bytes | None:
    with hold.looking() as note, pfs.read() as tx:
        root = commits.base(tx, commit)
        note(root)
    return root
