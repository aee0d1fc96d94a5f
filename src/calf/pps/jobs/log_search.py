"""Searching logs wider than one pipeline: of a project, of a job set, of a datum in whatever job it ran."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import chain, islice

from calf.db import datums, jobs
from calf.kit.cancel import CancelToken
from calf.model.pps_infos import LogLine
from calf.model.refs import Job, Pipeline
from calf.pps.engine import Pps
from calf.pps.jobs.logs import LogQuery, read_back, read_logs
from calf.pps.pipelines import PipelineQuery, list_

EVER = 1e12
"""Seconds to go back that no log is older than."""


@dataclass(frozen=True, slots=True)
class Where:
    """Whose lines: as far as they are given, of this project, pipeline, job set, datum."""

    project: str = ""
    pipeline: Pipeline | None = None
    job: str = ""
    datum: str = ""
    master: bool = False


@dataclass(frozen=True, slots=True)
class Which:
    """Which of the lines: between two times (0.0: without an end), that match or, `negate`, do not; only so
    many (0: all). `since` after `until` turns the order round.

    `rough`, quicker than `pattern`, may say of a text of many lines that it holds none that are wanted.
    """

    since: float = 0.0
    until: float = 0.0
    pattern: Callable[[str], bool] | None = None
    rough: Callable[[str], bool] | None = None
    negate: bool = False
    user_only: bool = False
    offset: int = 0
    limit: int = 0


def search(pps: Pps, where: Where, which: Which, cancel: CancelToken) -> Iterator[LogLine]:
    """The lines in the order of time. Raises `NotFound` for a pipeline or a job of one.

    Those of jobs, newest first, are read from the ends of their logs and no further than is taken.
    """
    if _backwards(which) and where.job:
        back = (line for line in _from_behind(pps, where, which, cancel) if _wanted(line, which))
        return islice(back, which.offset, which.offset + which.limit if which.limit else None)
    lines = [
        line.log
        for query in _queries(pps, where)
        for line in read_logs(pps, query, cancel)
        if _wanted(line.log, which)
    ]
    lines.sort(key=lambda line: line.at)
    if _backwards(which):
        lines.reverse()
    wanted = lines[which.offset :]
    return iter(wanted[: which.limit] if which.limit else wanted)


def follow(pps: Pps, where: Where, which: Which, cancel: CancelToken) -> Iterator[LogLine]:
    """The lines as they come, of a pipeline until `cancel`, of a job until its end, one after another."""
    for query in _queries(pps, where, follow=True):
        for line in read_logs(pps, query, cancel):
            if _wanted(line.log, which):
                yield line.log


def _queries(pps: Pps, where: Where, *, follow: bool = False) -> Iterator[LogQuery]:
    common = {"datum": where.datum, "master": where.master, "since": EVER, "follow": follow}
    if where.pipeline is not None and where.job:
        yield LogQuery(job=Job(where.pipeline, where.job), **common)  # type: ignore[arg-type]  # by name
    elif where.pipeline is not None:
        yield LogQuery(pipeline=where.pipeline, **common)  # type: ignore[arg-type]  # by name
    else:
        for job in _jobs(pps, where):
            yield LogQuery(job=job, **common)  # type: ignore[arg-type]  # by name


def _jobs(pps: Pps, where: Where) -> list[Job]:
    with pps.pfs.read() as tx:
        if where.job:
            return [info.job for info in jobs.of_set(tx, where.job)]
        if where.datum:
            is_id = len(where.datum) == 64 and set(where.datum) <= set("0123456789abcdef")
            found = datums.jobs_of(tx, where.datum) if is_id else []
            return [job for job in found if jobs.get(tx, job) is not None]
        names = [info.pipeline for info in list_(tx, PipelineQuery(projects=(where.project,)))]
        return [info.job for name in names for info in jobs.of_pipeline(tx, name)]


def _backwards(which: Which) -> bool:
    return bool(which.until) and which.since > which.until


def _from_behind(pps: Pps, where: Where, which: Which, cancel: CancelToken) -> Iterator[LogLine]:
    may = which.rough

    def rough(text: str) -> bool:
        cancel.check()
        return may is None or may(text)

    found = [read_back(pps, query, which.since, rough if may else None) for query in _queries(pps, where)]
    for line in merge(*found, key=lambda line: -line.at) if len(found) > 1 else chain(*found):
        cancel.check()
        yield line


def _wanted(line: LogLine, which: Which) -> bool:
    first, last = which.since, which.until
    if last and first > last:
        first, last = last, first
    if line.at < first or (last and line.at > last) or (which.user_only and not line.user):
        return False
    return which.pattern is None or which.pattern(line.message) != which.negate
