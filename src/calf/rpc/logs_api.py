"""The service `logs.API`, which pachyderm-sdk 2.12 calls: lines of projects, pipelines, jobs and datums."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from calf.model.errors import InvalidArgument, Unimplemented
from calf.model.pps_infos import LogLine
from calf.model.refs import DEFAULT_PROJECT, Pipeline
from calf.pps.engine import Pps
from calf.pps.jobs.log_search import Where, Which, follow, search
from calf.rpc.call import Call, Handlers
from calf.rpc.counts import read_count
from calf.rpc.patterns import finder, rough_finder
from calf.wire.convert_pps import write_log_message
from calf.wire.documents import to_document
from calf.wire.messages import Message
from calf.wire.messages import logs as api
from calf.wire.times import read_time, write_time


def handlers(pps: Pps) -> Handlers:
    """The one method."""
    return {"/logs.API/GetLogs": partial(get_logs, pps)}


def get_logs(pps: Pps, request: Message, call: Call) -> Iterator[Message]:
    """The lines asked for, in the order of time; with `tail` what comes, too.

    A hint, when wanted, says how to ask for what is before and after.
    """
    where = _where(request.query)
    first = last = 0.0
    with _which(request.filter) as which:
        for line in (follow if request.tail else search)(pps, where, which, call.cancel):
            call.cancel.check()
            first, last = first or line.at, line.at
            yield _write(line)
    if request.want_paging_hint:
        yield _hint(request, first, last)


def _where(query: Message) -> Where:
    kind = query.WhichOneof("query_type")
    if kind == "user":
        return _of_user(query.user)
    if kind == "admin":
        return _of_admin(query.admin)
    raise InvalidArgument("must say whose logs: query.user or query.admin")


def _of_user(user: Message) -> Where:
    match user.WhichOneof("user_type"):
        case "project":
            return Where(project=user.project or DEFAULT_PROJECT)
        case "pipeline":
            return Where(pipeline=_pipeline(user.pipeline))
        case "datum":
            return Where(datum=user.datum)
        case "job":
            return Where(job=user.job)
        case "pipeline_job":
            return Where(pipeline=_pipeline(user.pipeline_job.pipeline), job=user.pipeline_job.job)
        case "job_datum":
            return Where(job=user.job_datum.job, datum=user.job_datum.datum)
        case "pipeline_datum":
            return Where(pipeline=_pipeline(user.pipeline_datum.pipeline), datum=user.pipeline_datum.datum)
        case _:
            raise InvalidArgument("must say whose logs: a project, a pipeline, a job or a datum")


def _of_admin(admin: Message) -> Where:
    match admin.WhichOneof("admin_type"):
        case "master":
            return Where(pipeline=_pipeline(admin.master), master=True)
        case "user":
            return _of_user(admin.user)
        case _:
            raise Unimplemented(
                "this server runs without Kubernetes and Loki, so it has no logs of pods and containers",
                "ask for those of a pipeline, a job or a datum",
            )


def _pipeline(message: Message) -> Pipeline:
    if not message.pipeline:
        raise InvalidArgument("pipeline must be specified")
    return Pipeline(message.project or DEFAULT_PROJECT, message.pipeline)


@contextmanager
def _which(wanted: Message) -> Iterator[Which]:
    times, regex = wanted.time_range, wanted.regex
    with finder(regex.pattern, "regex") as find:
        yield Which(
            since=read_time(times.from_) if times.HasField("from_") else 0.0,
            until=read_time(times.until) if times.HasField("until") else 0.0,
            pattern=find if regex.pattern else None,
            rough=rough_finder(regex.pattern) if regex.pattern and not regex.negate else None,
            negate=regex.negate,
            user_only=wanted.user_logs_only,
            offset=read_count(times.offset, "offset"),
            limit=read_count(wanted.limit, "limit"),
        )


def _write(line: LogLine) -> Message:
    message = write_log_message(line)
    document = to_document(message)
    text = json.dumps(document).encode()
    log = api.LogMessage(
        verbatim=api.VerbatimLogMessage(line=text, timestamp=write_time(line.at)),
        native_timestamp=write_time(line.at),
        pps_log_message=message,
    )
    log.object.update(document)
    return api.GetLogsResponse(log=log)


def _hint(request: Message, first: float, last: float) -> Message:
    older, newer = api.GetLogsRequest(), api.GetLogsRequest()
    for side in (older, newer):
        side.CopyFrom(request)
        side.filter.ClearField("time_range")
    if first:
        older.filter.time_range.until.CopyFrom(write_time(first))
        newer.filter.time_range.from_.CopyFrom(write_time(last))
    return api.GetLogsResponse(paging_hint=api.PagingHint(older=older, newer=newer))
