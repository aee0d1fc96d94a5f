"""How long filesets live, and how they are found while they do."""

from __future__ import annotations

from calf.db import filesets
from calf.db.filesets import Deletion, FilesetRow
from calf.db.tx import Tx
from calf.model.errors import InvalidArgument, NotFound
from calf.model.refs import DEFAULT_PROJECT, FILESETS_REPO, Commit, CommitRef, Repo
from calf.pfs.engine import Pfs

USUAL_LIFE = 600.0
LONGEST_LIFE = 1800.0
SHORTEST_LIFE = 1.0


def reference(fileset_id: str) -> CommitRef:
    """The fileset as a commit to read."""
    return CommitRef(Repo(DEFAULT_PROJECT, FILESETS_REPO), fileset_id)


def keep(
    pfs: Pfs, root: bytes | None, deletions: tuple[Deletion, ...] = (), ttl: float = USUAL_LIFE
) -> Commit:
    """Make a fileset of stored objects, which lives for `ttl` seconds. Raises `InvalidArgument` for that."""
    check_ttl(ttl)
    row = FilesetRow(pfs.new_id(), root, deletions, pfs.clock(), pfs.clock() + ttl)
    with pfs.db.write() as tx:
        filesets.insert(tx, row)
    return Commit(reference(row.id).repo, row.id)


def find(pfs: Pfs, tx: Tx, fileset_id: str) -> FilesetRow:
    """The row of a fileset that lives. Raises `NotFound`."""
    row = filesets.get(tx, fileset_id, pfs.clock())
    if row is None:
        raise NotFound(
            f"file set {fileset_id} not found", "its time may be over; renew file sets that you still need"
        )
    return row


def renew(pfs: Pfs, fileset_id: str, ttl: float) -> None:
    """Have a fileset live for `ttl` more seconds from now. Raises `NotFound`, `InvalidArgument`."""
    check_ttl(ttl)
    with pfs.db.write() as tx:
        filesets.renew(tx, find(pfs, tx, fileset_id).id, pfs.clock() + ttl)


def check_ttl(ttl: float) -> None:
    """Raise `InvalidArgument` for a life too short or too long, in seconds."""
    if ttl < SHORTEST_LIFE:
        raise InvalidArgument(f"ttl ({ttl:g}) must be at least one second")
    if ttl > LONGEST_LIFE:
        raise InvalidArgument(
            f"ttl ({ttl:g}) exceeds max ttl ({LONGEST_LIFE:g})", "renew the file set as long as it is needed"
        )
