"""A fileset from a stream of operations."""

from __future__ import annotations

from collections.abc import Iterable

from calf.db.filesets import Deletion
from calf.model.ports import Cancel
from calf.model.refs import Commit
from calf.pfs.engine import Pfs
from calf.pfs.files.ops import Op
from calf.pfs.files.staging import Delete, carry_out, stage
from calf.pfs.filesets.lifetime import USUAL_LIFE, keep


def create(pfs: Pfs, ops: Iterable[Op], cancel: Cancel, ttl: float = USUAL_LIFE) -> Commit:
    """Keep what the operations come to; all of them, or nothing. Raises as `files.modify` does for them."""
    with pfs.store.writer() as writer:
        steps = stage(pfs, writer, ops, cancel)
        root = carry_out(writer, None, steps)
        writer.seal()
        deletions = tuple(
            Deletion(step.path, step.tag, step.below) for step in steps if isinstance(step, Delete)
        )
        return keep(pfs, root, deletions, ttl)
