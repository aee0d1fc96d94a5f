"""What changed, for people who look on: of which projects which kinds of things, never what exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Event as Bell

from calf.db import ledger
from calf.db.ledger import Event
from calf.db.tx import Tx
from calf.kit.cancel import CancelToken
from calf.pfs.engine import Pfs

GATHER = 0.25
"""Seconds: what changes within them is one piece of news."""
_KINDS = {
    "project": "projects",
    "repo": "repos",
    "branch": "repos",
    "commit": "repos",
    "pipeline": "pipelines",
    "job": "jobs",
}


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """Something of a `kind` (`projects`, `repos`, `pipelines`, `jobs`) changed; a project belongs to none."""

    project: str
    kind: str


def now(pfs: Pfs) -> int:
    """The place of this moment among the changes."""
    with pfs.read() as tx:
        return ledger.last(tx)


def watch(pfs: Pfs, after: int, cancel: CancelToken, gather: float = GATHER) -> Iterator[frozenset[Change]]:
    """What changed after a moment, the first at once and then at most every `gather` seconds.

    Ends by `Cancelled`.
    """
    cursor = after

    def news(tx: Tx) -> list[Event] | None:
        return ledger.read(tx, cursor) or None

    while True:
        events = pfs.db.wait(news, cancel)
        cursor = events[-1].seq
        if found := frozenset(_changes(events)):
            yield found
            _rest(cancel, gather)


def _changes(events: Iterable[Event]) -> Iterator[Change]:
    for event in events:
        what, key = event.kind.partition("-")[0], event.key
        if what == "metadata":
            what, _, key = key.partition(" ")
        if kind := _KINDS.get(what):
            yield Change("" if kind == "projects" else key.partition("/")[0], kind)


def _rest(cancel: CancelToken, seconds: float) -> None:
    bell = Bell()
    forget = cancel.on_cancel(bell.set)
    bell.wait(seconds)
    forget()
