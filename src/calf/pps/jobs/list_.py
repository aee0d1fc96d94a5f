"""Listing jobs, newest first, a page of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from calf.db import jobs, pipelines
from calf.db.tx import Tx
from calf.model.errors import InvalidArgument, NotFound
from calf.model.pps_infos import JobInfo
from calf.model.refs import Commit, CommitRef, Pipeline
from calf.model.states import JobState
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pps.jobs.catch_up import catch_up

_PAGE = 100
_LEAST = 10
ALL_VERSIONS = -1


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs: of a pipeline or of all, in some projects, in some states, that read some commits.

    `history` says how many versions of a pipeline to go back from the current one (-1: all). `after` is the
    creation time of the last job seen. `number` 0 means no limit.
    """

    pipeline: Pipeline | None = None
    projects: tuple[str, ...] = ()
    inputs: tuple[CommitRef, ...] = ()
    states: frozenset[JobState] = frozenset()
    history: int = ALL_VERSIONS
    after: float | None = None
    number: int = 0
    reverse: bool = False


def list_(pfs: Pfs, query: JobQuery) -> Iterator[JobInfo]:
    """The jobs asked for, newest first. Raises `NotFound` for an input commit that does not exist."""
    if query.number < 0:
        raise InvalidArgument(f"number of jobs must not be negative, not {query.number}")
    catch_up(pfs)
    with pfs.read() as tx:
        inputs = [commits.resolve(tx, ref) for ref in query.inputs]
    return islice(_matching(pfs, query, inputs), query.number or None)


def _matching(pfs: Pfs, query: JobQuery, inputs: Sequence[Commit]) -> Iterator[JobInfo]:
    after, size = query.after, min(max(query.number, _LEAST), _PAGE) if query.number else _PAGE
    while True:
        with pfs.read() as tx:
            page = jobs.page(tx, query.pipeline, after, size, query.reverse, query.states)
            current = {} if query.history == ALL_VERSIONS else _versions(tx, page)
            found = [info for info in page if _wanted(query, info, current) and _reads(tx, info, inputs)]
        yield from found
        if len(page) < size:
            return
        after, size = page[-1].created, _PAGE


def _versions(tx: Tx, page: Sequence[JobInfo]) -> dict[Pipeline, int]:
    names = {info.job.pipeline for info in page}
    found = ((name, pipelines.get(tx, name)) for name in names)
    return {name: info.version for name, info in found if info is not None}


def _wanted(query: JobQuery, info: JobInfo, current: dict[Pipeline, int]) -> bool:
    if query.projects and info.job.pipeline.project not in query.projects:
        return False
    if query.history == ALL_VERSIONS:
        return True
    return info.pipeline_version >= current.get(info.job.pipeline, 0) - query.history


def _reads(tx: Tx, info: JobInfo, inputs: Sequence[Commit]) -> bool:
    if not inputs:
        return True
    try:
        sources = set(commits.inputs(tx, info.output_commit).values())
    except NotFound:
        return False
    return sources.issuperset(inputs)
