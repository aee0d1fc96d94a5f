"""Listing the commits of a repo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from calf.db import commits
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.errors import Cancelled, InvalidArgument
from calf.model.pfs_infos import CommitInfo
from calf.model.ports import Cancel
from calf.model.refs import CommitRef, Repo
from calf.model.states import OriginKind
from calf.pfs.commits.reading import info, infos
from calf.pfs.commits.resolving import find
from calf.pfs.rows import repo_row

if TYPE_CHECKING:
    from calf.pfs.engine import Pfs

_PAGE = 100
_BEYOND_ALL = 2**63 - 1


@dataclass(frozen=True, slots=True)
class CommitQuery:
    """Which commits: the line of ancestors from `to` down to, without, `from_`; or else all of the repo.

    `number` 0: no limit; `origin` UNKNOWN: every kind; `started_before`: seconds since 1970, 0.0: any time.
    """

    repo: Repo
    to: CommitRef | None = None
    from_: CommitRef | None = None
    number: int = 0
    reverse: bool = False
    origin: OriginKind = OriginKind.UNKNOWN
    started_before: float = 0.0


def list_(tx: Tx, query: CommitQuery) -> Iterator[CommitInfo]:
    """The commits asked for, newest first (`reverse`: oldest first). Raises `NotFound`, `InvalidArgument`."""
    for row in _rows(tx, query):
        yield info(tx, row)


def _rows(tx: Tx, query: CommitQuery) -> Iterator[CommitRow]:
    if query.from_ and not query.to:
        raise InvalidArgument("cannot use `from` commit without `to` commit")
    if query.reverse and (query.from_ or query.to):
        raise InvalidArgument("cannot use 'Reverse' while also using 'From' or 'To'")
    wanted = (row for row in _candidates(tx, query) if _passes(row, query))
    return islice(wanted, query.number or None)


def stream(pfs: Pfs, query: CommitQuery, cancel: Cancel) -> Iterator[CommitInfo]:
    """As `list_`, for a reader who may take any time: what is deleted meanwhile is passed by."""
    with pfs.read() as tx:
        wanted = [row.id for row in _rows(tx, query)]
    for start in range(0, len(wanted), _PAGE):
        if cancel.cancelled:
            raise Cancelled("the listing was cancelled")
        with pfs.read() as tx:
            rows = commits.by_ids(tx, wanted[start : start + _PAGE])
            found = dict(zip([row.id for row in rows], infos(tx, rows), strict=True))
        yield from (found[number] for number in wanted[start : start + _PAGE] if number in found)


def _passes(row: CommitRow, query: CommitQuery) -> bool:
    if query.origin is not OriginKind.UNKNOWN and row.origin is not query.origin:
        return False
    return not query.started_before or row.started < query.started_before


def _candidates(tx: Tx, query: CommitQuery) -> Iterator[CommitRow]:
    repo = repo_row(tx, query.repo)
    if query.to is None:
        yield from _all(tx, repo.id, query.reverse)
        return
    stop = find(tx, query.from_).id if query.from_ else None
    line = commits.line(tx, find(tx, query.to).id)
    yield from takewhile(lambda row: row.id != stop, line)


def _all(tx: Tx, repo_id: int, reverse: bool) -> Iterator[CommitRow]:
    """Page by page, so that the first few cost the same however many there are."""
    beyond, order = ("c.id > ?", "ASC") if reverse else ("c.id < ?", "DESC")
    last = 0 if reverse else _BEYOND_ALL
    while page := commits.select(
        tx, f"WHERE c.repo = ? AND {beyond} ORDER BY c.id {order} LIMIT ?", (repo_id, last, _PAGE)
    ):
        yield from page
        last = page[-1].id
