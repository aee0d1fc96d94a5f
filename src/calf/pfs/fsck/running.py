"""Running checks, those of `pfs` and those that upper rooms bring along."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING

from calf.db import roots
from calf.db.tx import Tx
from calf.model.refs import CommitRef
from calf.pfs.fsck import contents, graph, zombies
from calf.pfs.fsck.violations import MetadataDamaged, Violation

if TYPE_CHECKING:
    from calf.pfs.engine import Pfs

_SENSELESS = (ValueError, TypeError, LookupError, OverflowError, sqlite3.DatabaseError)
"""What comes of rows that were damaged: texts that are none, numbers that name nothing."""

Check = Callable[[Tx], Iterator[Violation]]
"""Reads a snapshot and gives what is wrong with it; changes nothing."""


def checks(pfs: Pfs, verify: bool = False) -> list[Check]:
    """The checks of versioned data; with `verify`, every stored object is read and hashed as well."""
    of_rows: list[Check] = [
        graph.metadata_is_whole,
        graph.commits_never_changed,
        graph.branches_stand_where_they_were_put,
        graph.provenance_is_acyclic,
        graph.heads_are_made_from_heads,
        graph.parents_are_older,
    ]
    of_bytes: list[Check] = [
        partial(contents.finished_trees_are_stored, pfs.store),
        partial(contents.open_trees_are_stored, pfs.store),
        partial(contents.files_have_one_owner, pfs.store),
    ]
    return of_rows + of_bytes + ([partial(contents.objects_are_whole, pfs.store)] if verify else [])


def zombie_checks(pfs: Pfs, of: CommitRef | None, of_all: bool) -> list[Check]:
    """The checks for files of deleted datums: in one output commit, or in the newest of every pipeline."""
    if of_all:
        return [partial(zombies.zombies_of_all, pfs.store)]
    return [partial(zombies.zombies_of, pfs.store, of)] if of else []


def run(pfs: Pfs, wanted: Iterable[Check]) -> Iterator[Violation]:
    """What the checks find, each on its own snapshot; a healthy folder gives nothing."""
    for check in wanted:
        with pfs.store.hold() as hold, ExitStack() as opened:
            with hold.looking() as note:
                tx = opened.enter_context(pfs.db.read())  # for longer than a sweep is to wait
                with suppress(sqlite3.DatabaseError):  # a sweep could not read them either
                    for root in roots.all_(tx):
                        note(root)  # so that nothing of the snapshot is swept while it is looked at
            found = list(_check(check, tx))
        yield from found


def _check(check: Check, tx: Tx) -> Iterator[Violation]:
    """What a check finds; one that cannot read the rows for what is in them says just that."""
    try:
        yield from check(tx)
    except _SENSELESS as error:
        yield MetadataDamaged(f"what a row holds makes no sense ({type(error).__name__}: {error})")
