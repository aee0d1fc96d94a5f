"""What differs between two commits, or two paths."""

from __future__ import annotations

from collections.abc import Iterator

from calf.kit.paths import clean
from calf.model.content import Node
from calf.model.pfs_infos import FileInfo
from calf.model.ports import Cancel, Held
from calf.model.refs import CommitRef
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pfs.files.snapshot import Snapshot, take_snapshot
from calf.storage import trees

Difference = tuple[FileInfo | None, FileInfo | None]


def diff_file(
    pfs: Pfs, ref: CommitRef, path: str, cancel: Cancel, old: tuple[CommitRef, str] | None = None
) -> Iterator[Difference]:
    """What differs at or below a path, in path order, as (old, new): one of them where it came or went, both
    where it changed; folders too. `old` is by default the same path in the parent commit.
    """
    path = clean(path)
    with pfs.store.hold() as hold:
        new = take_snapshot(pfs, ref, cancel, hold)
        if old is None:
            before, old_path = _parent(pfs, new, cancel, hold), path
        else:
            before, old_path = take_snapshot(pfs, old[0], cancel, hold), clean(old[1])
        if old_path == path:
            pairs = trees.diff(new.get, before.root, new.root, path)
        else:
            pairs = _unrelated(before, old_path, new, path)
        for left, right in pairs:
            yield before.info(left) if left else None, new.info(right) if right else None


def _parent(pfs: Pfs, of: Snapshot, cancel: Cancel, hold: Held) -> Snapshot:
    with pfs.read() as tx:
        parent = commits.inspect(tx, of.commit).parent
    return take_snapshot(pfs, parent, cancel, hold) if parent else Snapshot(of.commit, None, 0.0, of.get)


def _unrelated(
    old: Snapshot, old_path: str, new: Snapshot, path: str
) -> Iterator[tuple[Node | None, Node | None]]:
    """Two different paths have no name in common: the one went, the other came."""
    for node in trees.walk(old.get, old.root, old_path):
        yield node, None
    for node in trees.walk(new.get, new.root, path):
        yield None, node
