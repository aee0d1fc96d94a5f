"""Checks of the bytes: what commits refer to is stored, whole, and owned."""

from __future__ import annotations

from collections.abc import Iterator

from calf.db import commits
from calf.db.tx import Tx
from calf.model.errors import IntegrityError
from calf.pfs.fsck.violations import (
    ContentMissing,
    FileShared,
    ObjectDamaged,
    ObjectSwept,
    PackDamaged,
    TreeMissing,
    Violation,
)
from calf.storage import trees
from calf.storage.store import Store

_FINISHED = "WHERE c.written AND c.finished <> 0 ORDER BY c.id"
_OPEN = "WHERE c.written AND c.finished = 0 ORDER BY c.id"


def finished_trees_are_stored(store: Store, tx: Tx) -> Iterator[Violation]:
    """I1 and I2: the trees of finished commits, and the content that they refer to, are stored."""
    seen: set[bytes] = set()
    for row in commits.select(tx, _FINISHED):
        lost, reason = missing(store, row.root, seen)
        if reason:
            yield TreeMissing(row.commit, reason)
        for object_id in lost:
            yield ContentMissing(row.commit, object_id)


def open_trees_are_stored(store: Store, tx: Tx) -> Iterator[Violation]:
    """I10: what was written to open commits is still stored."""
    seen: set[bytes] = set()
    for row in commits.select(tx, _OPEN):
        lost, reason = missing(store, row.root, seen)
        if reason:
            yield ObjectSwept(row.commit, reason)
        for object_id in lost:
            yield ObjectSwept(row.commit, f"object {object_id.hex()} is not stored")


def files_have_one_owner(store: Store, tx: Tx) -> Iterator[Violation]:
    """I8: in a finished commit without error every path has one owner. Unreadable trees are I1's business."""
    for row in commits.select(tx, _FINISHED):
        try:
            conflict = None if row.error else trees.conflict(store.get, row.root)
        except IntegrityError:
            continue
        if conflict is not None:
            yield FileShared(row.commit, conflict.path)


def objects_are_whole(store: Store, _tx: Tx) -> Iterator[Violation]:
    """I3: the bytes of every stored object hash to its id. Reads everything."""
    for name, reason in store.damaged_packs.items():
        yield PackDamaged(name, reason)
    for object_id in store.objects():
        try:
            store.verify(object_id)
        except IntegrityError as error:
            yield ObjectDamaged(object_id, error.message)


def missing(store: Store, root: bytes | None, seen: set[bytes]) -> tuple[list[bytes], str]:
    """The objects of a tree that are not stored, as far as its pages can be read, and why no further."""
    ids: list[bytes] = []
    reason = ""
    try:
        ids.extend(trees.reachable(store.get, root, seen))
    except IntegrityError as error:
        reason = error.message
        ids.pop()
    return [object_id for object_id in ids if not store.has(object_id)], reason
