"""Giving back the space of what nothing refers to any more: which objects those are.

Needed is what the metadata reaches at one moment, what operations under way build upon, and, from then on,
all that anybody writes or relies on (`calf.storage.holds`). Everything else may go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calf.db import datums, filesets, roots
from calf.model.errors import IntegrityError
from calf.model.ports import Cancel
from calf.pfs.engine import Pfs
from calf.storage import trees
from calf.storage.sweeping import DEFAULT, PackState, Policy, Swept

_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Reached:
    """So far so many objects were found to be needed, by so many of all trees."""

    objects: int
    trees: int
    of: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What a sweep finds: rows whose time is over, objects that are needed, and every pack with its fate."""

    filesets: int
    runs: int
    needed: int
    packs: tuple[PackState, ...]


class _Undone(Exception):
    """Ends a trial."""


def sweep(
    pfs: Pfs, cancel: Cancel, *, dry_run: bool = False, policy: Policy = DEFAULT
) -> Iterator[Reached | Survey | Swept]:
    """Find out what is needed, say so, and give back the space of the rest, step by step.

    It goes on beside everything else; whatever cuts it off, nothing that is needed was touched. A `dry_run`
    ends with the survey. Raises `Precondition` beside another sweep or a backup, `NoSpace` (what was done
    until then is done), and `IntegrityError`, before anything is done, for a tree that cannot be read: what
    it needs is not known.
    """
    with pfs.store.sweep(policy) as under_way:
        old_filesets, old_runs, found = _look(pfs, dry_run)
        found |= under_way.settle()
        needed: set[bytes] = set()
        for number, root in enumerate(sorted(found)):
            for _ in _reach(pfs, root, needed, cancel):
                yield Reached(len(needed), number, len(found))
        if cancel.cancelled:
            return
        packs = under_way.survey(needed)
        yield Survey(old_filesets, old_runs, len(needed), tuple(packs))
        if not dry_run:
            yield from under_way.carry_out(packs, cancel)


def _look(pfs: Pfs, dry_run: bool) -> tuple[int, int, set[bytes]]:
    """Forget the rows whose time is over, and give all roots that are left, of one and the same moment."""
    result: tuple[int, int, set[bytes]] = (0, 0, set())
    try:
        with pfs.db.write() as tx:
            result = (filesets.forget(tx, pfs.clock()), datums.forget_runs(tx), set(roots.all_(tx)))
            if dry_run:
                raise _Undone
    except _Undone:
        pass
    return result


def _reach(pfs: Pfs, root: bytes, needed: set[bytes], cancel: Cancel) -> Iterator[None]:
    """All that a tree needs goes into `needed`; gives something now and then."""
    try:
        for count, _ in enumerate(trees.reachable(pfs.store.get, root, needed)):
            if count % _EVERY == 0:
                if cancel.cancelled:
                    return
                yield
    except IntegrityError as error:
        raise IntegrityError(
            f"nothing was given back: what is needed cannot be told while {error.message}",
            "`pachctl fsck` names the commits that it hurts, `calf repair` heals them from another copy",
        ) from error
