"""Cutting a fileset into ranges of paths, for several workers to read."""

from __future__ import annotations

from collections.abc import Iterator

from calf.pfs.engine import Pfs
from calf.pfs.files.selecting import PathRange
from calf.pfs.filesets.lifetime import find
from calf.storage import trees

FILES, BYTES = 1_000_000, 1_000_000_000


def shard(pfs: Pfs, fileset_id: str, files: int = 0, size: int = 0) -> list[PathRange]:
    """Ranges that cover all paths, in order, each of about `files` files or `size` bytes (0: the usual).

    Whichever is reached first ends a range; files of one path stay together. Raises `NotFound`.
    """
    with pfs.store.hold() as hold:
        with hold.looking() as note, pfs.read() as tx:
            row = find(pfs, tx, fileset_id)
            note(row.root)
        cuts = list(_cuts(pfs, row.root, files or FILES, size or BYTES))
    return [PathRange(lower, upper) for lower, upper in zip(["", *cuts], [*cuts, ""], strict=True)]


def _cuts(pfs: Pfs, root: bytes | None, files: int, size: int) -> Iterator[str]:
    count, total, last = 0, 0, ""
    for entry in trees.entries(pfs.store.get, root):
        if entry.path != last and (count >= files or total >= size):
            yield entry.path
            count, total = 0, 0
        count, total, last = count + 1, total + entry.content.size, entry.path
