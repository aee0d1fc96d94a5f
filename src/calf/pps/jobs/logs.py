"""Reading what stages printed and what the engine said, of a job or of a pipeline."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread

from calf.db import datums, jobs, pipelines
from calf.kit.cancel import CancelToken
from calf.model.errors import Cancelled, InvalidArgument, NotFound
from calf.model.pps_infos import DatumInput, LogLine
from calf.model.refs import Job, Pipeline
from calf.pps.engine import Pps
from calf.pps.jobs.data_filter import reads
from calf.pps.jobs.inspect import inspect, wait
from calf.pps.missing import missing_pipeline

DEFAULT_SINCE = 24 * 3600.0
SPOUT = "spout"
"""The job id that the logs of a spout are filed under, which has no jobs."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines: of a job or a pipeline, of one datum or of those that read what `filters` name.

    `since` is how many seconds to go back; `master` picks the lines that belong to no datum; `tail` the last
    so many (0: all), when not following.
    """

    pipeline: Pipeline | None = None
    job: Job | None = None
    datum: str = ""
    filters: tuple[str, ...] = ()
    master: bool = False
    since: float = DEFAULT_SINCE
    tail: int = 0
    follow: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line with the inputs of its datum, as far as they are known."""

    log: LogLine
    inputs: tuple[DatumInput, ...]


def read_logs(pps: Pps, query: LogQuery, cancel: CancelToken) -> Iterator[Line]:
    """The lines asked for. With `follow` it goes on until the job has ended, of a pipeline until cancelled.

    Raises `NotFound` for the job or the pipeline, `InvalidArgument` when neither is given.
    """
    _check(pps, query)
    oldest = pps.pfs.clock() - query.since
    lines = (line for line in _lines(pps, query, oldest, cancel) if line.at >= oldest)
    if query.master:
        lines = (line for line in lines if not line.datum)
    known: dict[tuple[str, str], tuple[DatumInput, ...]] = {}
    with_inputs = (Line(line, _inputs(pps, line, known)) for line in lines)
    wanted = (line for line in with_inputs if not query.filters or reads(line.inputs, query.filters))
    return iter(deque(wanted, query.tail)) if query.tail and not query.follow else wanted


def read_back(
    pps: Pps, query: LogQuery, newest: float, rough: Callable[[str], bool] | None = None
) -> Iterator[LogLine]:
    """The lines of a job or of one of its datums up to a time, newest first, read only as far as they are
    taken; `rough` as in `ports.LogStore`. Raises `NotFound` for the job.
    """
    _check(pps, query)
    if query.job is None:
        raise InvalidArgument("must specify the Job to get logs from behind")
    datum = query.datum or ("" if query.master else None)
    return pps.logs.read_back(_key(query.job), datum, newest, rough)


def _check(pps: Pps, query: LogQuery) -> None:
    if query.job is not None and query.job.id != SPOUT:
        inspect(pps.pfs, query.job)
    elif query.job is not None:
        _check_pipeline(pps, query.job.pipeline)
    elif query.pipeline is not None:
        _check_pipeline(pps, query.pipeline)
    elif query.datum or query.filters:
        raise InvalidArgument("must specify the Job or Pipeline that the datum is from to get logs for it")
    elif not query.master:
        raise InvalidArgument("must specify the Job or Pipeline to get logs for")


def _check_pipeline(pps: Pps, pipeline: Pipeline) -> None:
    with pps.pfs.read() as tx:
        if pipelines.get(tx, pipeline) is None:
            raise missing_pipeline(tx, pipeline)


def _lines(pps: Pps, query: LogQuery, oldest: float, cancel: CancelToken) -> Iterator[LogLine]:
    datum = query.datum or ("" if query.master else None)
    if query.job is not None and query.follow and query.job.id == SPOUT:
        yield from pps.logs.follow(_key(query.job), datum, cancel)
    elif query.job is not None and query.follow:
        yield from _follow(pps, query.job, datum, cancel)
    elif query.job is not None:
        yield from pps.logs.read(_key(query.job), datum)
    elif query.pipeline is not None and query.follow:
        yield from pps.logs.follow((query.pipeline.project, query.pipeline.name, None), datum, cancel)
    elif query.pipeline is not None:
        with pps.pfs.read() as tx:
            every = jobs.of_pipeline(tx, query.pipeline)
        for info in every:
            if not info.finished or info.finished >= oldest:
                yield from pps.logs.read(_key(info.job), datum)
        yield from pps.logs.read(_key(Job(query.pipeline, SPOUT)), datum)


def _follow(pps: Pps, job: Job, datum: str | None, cancel: CancelToken) -> Iterator[LogLine]:
    over = cancel.child()

    def watch() -> None:
        with suppress(Cancelled, NotFound):
            wait(pps.pfs, job, over)
        over.cancel()

    watcher = Thread(target=watch, name=f"end of {job}")
    watcher.start()
    try:
        yield from pps.logs.follow(_key(job), datum, over)
    finally:
        over.cancel()
        watcher.join()


def _inputs(
    pps: Pps, line: LogLine, known: dict[tuple[str, str], tuple[DatumInput, ...]]
) -> tuple[DatumInput, ...]:
    key = line.job, line.datum
    if line.datum and key not in known:
        job = Job(Pipeline(line.project, line.pipeline), line.job)
        with pps.pfs.read() as tx:
            number = jobs.number(tx, job)
            info = datums.get(tx, job, number, line.datum) if number is not None else None
        if info is None:
            return _inputs_now(pps, job, line.datum)
        known[key] = info.inputs
    return known.get(key, ())


def _inputs_now(pps: Pps, job: Job, datum_id: str) -> tuple[DatumInput, ...]:
    """What a datum that runs at this moment reads."""
    running = (it.inputs for it in pps.running.attempts(job) if it.datum.id == datum_id)
    return next(running, ())


def _key(job: Job) -> tuple[str, str, str]:
    return job.pipeline.project, job.pipeline.name, job.id
