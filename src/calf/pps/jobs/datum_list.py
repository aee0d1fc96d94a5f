"""The datums of a job that have a result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from calf.db import datums, jobs
from calf.db.tx import Tx
from calf.model.errors import InvalidArgument
from calf.model.not_found import datum_not_found, job_not_found
from calf.model.pps_infos import DatumInfo
from calf.model.refs import Datum, Job
from calf.model.states import DatumState
from calf.pfs.engine import Pfs
from calf.pps.jobs.catch_up import catch_up

_PAGE = 500


@dataclass(frozen=True, slots=True)
class DatumQuery:
    """Which datums of a job: in some states, after an id; `number` 0 means no limit."""

    job: Job
    states: frozenset[DatumState] = frozenset()
    after: str = ""
    number: int = 0
    reverse: bool = False


def inspect_datum(pfs: Pfs, datum: Datum) -> DatumInfo:
    """A datum of a job. Raises `NotFound` for the job, and for a datum without a result."""
    catch_up(pfs)
    with pfs.read() as tx:
        number = _number(tx, datum.job)
        info = datums.get(tx, datum.job, number, datum.id) if _is_datum_id(datum.id) else None
    if info is None:
        raise datum_not_found(datum.id, datum.job)
    return info


def list_datums(pfs: Pfs, query: DatumQuery) -> Iterator[DatumInfo]:
    """The datums asked for, by id. While the job runs, those that are done. Raises `NotFound` for the job."""
    if query.after and not _is_datum_id(query.after):
        raise InvalidArgument(f"pagination marker {query.after} is not the id of a datum")
    catch_up(pfs)
    with pfs.read() as tx:
        _number(tx, query.job)
    return islice(_matching(pfs, query, min(query.number or _PAGE, _PAGE)), query.number or None)


def _matching(pfs: Pfs, query: DatumQuery, size: int) -> Iterator[DatumInfo]:
    after = query.after or None
    while True:
        with pfs.read() as tx:
            number = _number(tx, query.job)
            page = datums.page(
                tx,
                query.job,
                number,
                after=after,
                limit=size,
                reverse=query.reverse,
                states=query.states,
            )
        yield from page
        if len(page) < size:
            return
        after = page[-1].datum.id


def _number(tx: Tx, job: Job) -> int:
    number = jobs.number(tx, job)
    if number is None:
        raise job_not_found(job)
    return number


def _is_datum_id(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
