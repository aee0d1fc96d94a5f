"""Checks of the bytes: what commits refer to is stored, whole, and owned."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from itertools import islice

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
from calf.storage.pack_format import SUFFIX
from calf.storage.store import Store

_FINISHED = "WHERE c.written AND c.finished <> 0 ORDER BY c.id"
_OPEN = "WHERE c.written AND c.finished = 0 ORDER BY c.id"


MOST_NAMED = 100
"""Paths of one commit, or places of one object, that are named; the others are said to be there."""


def finished_trees_are_stored(store: Store, tx: Tx) -> Iterator[Violation]:
    """I1 and I2: the trees of finished commits, and the content that they refer to, are stored."""
    whole: set[bytes] = set()
    for row in commits.select(tx, _FINISHED):
        for path, object_id in _named(trees.hurt(store.get, row.root, _missing(store), whole)):
            if path.endswith("/"):
                yield TreeMissing(
                    row.commit, f"object {object_id.hex()}, of folder {path}, is lost or damaged"
                )
            else:
                yield ContentMissing(row.commit, object_id, path)


def open_trees_are_stored(store: Store, tx: Tx) -> Iterator[Violation]:
    """I10: what was written to open commits is still stored."""
    whole: set[bytes] = set()
    for row in commits.select(tx, _OPEN):
        for path, object_id in _named(trees.hurt(store.get, row.root, _missing(store), whole)):
            yield ObjectSwept(row.commit, f"object {object_id.hex()} of {path} is not stored")


def _missing(store: Store) -> Callable[[bytes], bool]:
    return lambda object_id: not store.has(object_id)


def _named(found: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """No more than are of use to a reader."""
    yield from islice(found, MOST_NAMED)


def files_have_one_owner(store: Store, tx: Tx) -> Iterator[Violation]:
    """I8: in a finished commit without error every path has one owner. Unreadable trees are I1's business."""
    for row in commits.select(tx, _FINISHED):
        try:
            conflict = None if row.error else trees.conflict(store.get, row.root)
        except IntegrityError:
            continue
        if conflict is not None:
            yield FileShared(row.commit, conflict.path)


def objects_are_whole(store: Store, tx: Tx) -> Iterator[Violation]:
    """I3: every pack is whole, and the bytes of every stored object hash to its id. Reads everything."""
    for name, reason in store.damaged_packs.items():
        yield PackDamaged(name, reason)
    for pack, reason in store.mending().unsound():
        yield PackDamaged(f"{pack.hex()}{SUFFIX}", reason)
    damaged = dict(damaged_objects(store))
    hurt = places(store, tx, damaged) if damaged else {}
    for object_id, reason in damaged.items():
        yield ObjectDamaged(object_id, reason, tuple(hurt.get(object_id, ())))


def damaged_objects(store: Store) -> Iterator[tuple[bytes, str]]:
    """The objects whose bytes are not what they must be, and how; reads everything."""
    for object_id in store.objects():
        try:
            store.verify(object_id)
        except IntegrityError as error:
            if store.has(object_id):  # or else it was swept meanwhile
                yield object_id, error.message


def places(store: Store, tx: Tx, lost: Container[bytes]) -> dict[bytes, list[str]]:
    """Which files need each of these objects, as `repo@commit:/path`; the first ones of each."""
    found: dict[bytes, list[str]] = {}
    whole: set[bytes] = set()
    for row in commits.select(tx, "WHERE c.written ORDER BY c.id DESC"):
        for path, object_id in trees.hurt(store.get, row.root, lambda oid: oid in lost, whole):
            named = found.setdefault(object_id, [])
            if len(named) < MOST_NAMED:
                named.append(f"{row.commit}:{path}")
    return found


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
