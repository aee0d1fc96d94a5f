"""A fileset from a stream of operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calf.db.filesets import Deletion
from calf.model.ports import Cancel
from calf.model.refs import Commit
from calf.pfs.engine import Pfs
from calf.pfs.files.ops import Op
from calf.pfs.files.staging import Delete, PutMany, Step, carry_out, stage
from calf.pfs.filesets.lifetime import USUAL_LIFE, keep


def create(pfs: Pfs, ops: Iterable[Op], cancel: Cancel, ttl: float = USUAL_LIFE) -> Commit:
    """Keep what the operations come to; all of them, or nothing. Raises as `files.modify` does for them."""
    with pfs.store.writer() as writer:
        steps = stage(pfs, writer, ops, cancel)
        root = carry_out(writer, None, steps)
        writer.seal()
        return keep(pfs, root, tuple(_deletions(steps)), ttl)


def _deletions(steps: Iterable[Step]) -> Iterator[Deletion]:
    """What goes where the fileset is laid, before its files come: what replaces a file removes it first."""
    for step in steps:
        match step:
            case Delete(path, tag, below):
                yield Deletion(path, tag, below)
            case PutMany(tag, contents):
                yield from (Deletion(path, tag, below=False) for path in contents)
