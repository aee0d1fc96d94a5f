"""Reading logs backwards, a page at a time: the newest lines, and those before a line.

Of a pipeline the logs of its newest jobs are read until a page is full, so that a page costs what it shows
and not what was ever printed.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from calf.model.errors import Unimplemented
from calf.views.words import printable
from calf.web.jobs.log_noise import fold
from calf.web.jobs.marks import mark, unmark
from calf.web.jobs.shapes import job_of, pipeline_of
from calf.wire.messages import Message, google, logs, pps
from calf.wire.times import write_duration

if TYPE_CHECKING:
    from calf.client.connection import Client

ROWS = 200
LEVELS = ("stage", "problems")
_PROBLEM = r"\b(error|errors|exception|traceback|fatal|critical|failed|failure|warning|warn|killed)\b"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
_EVER = write_duration(100 * 365 * 86400.0)
_LAST = google.Timestamp(seconds=32503680000)  # the year 3000
_FIRST = google.Timestamp(seconds=1)
_JOBS = 20
_ROUNDING, _SPARE = 3, 50
"""Microseconds that a server may round by; so many lines may be of that time, and are left out here."""
_MORE = 4
_MOST = 100_000
_LONGEST = 20_000
"""Characters of a line that a page shows; the file to be saved has all of them."""


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Whose lines: a pipeline's, a job's, a datum's."""

    project: str
    pipeline: str
    job: str = ""
    datum: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """Where a page ends: before line number `skip`, from behind, of those of a moment of a job."""

    time: str = ""
    skip: int = 0
    job: str = ""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines: those with `find` in them, in either case, and of `level`, one of `LEVELS` or empty."""

    find: str = ""
    level: str = ""
    before: Before = Before()
    number: int = ROWS


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines, in the order of time within each job, and where those before them end."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    older: Before | None = None
    looked_at: int = 1
    """In the logs of so many jobs."""


def read_page(client: Client, place: LogPlace, wanted: LogQuery) -> LogPage:
    """The last lines before where the query says. Raises `NotFound` for a pipeline or a job."""
    found: list[Message] = []
    looked_at = 0
    for one, before in _places(client, place, wanted.before):
        looked_at += 1
        missing = wanted.number + 1 - len(found)
        candidates = _ask(client, one, _request(one, wanted, before, missing))
        found += _not_after(candidates, before)[:missing]
        if len(found) > wanted.number:
            break
    shown = found[: wanted.number]
    older = _older(shown, wanted.before) if len(found) > wanted.number else None
    if older is None and not place.job and looked_at >= _JOBS:
        older = Before(mark(_FIRST), 0, one.job)  # what comes before all of the last job
    lines = [line_data(line) for line in reversed(shown)]
    if not (wanted.find or wanted.level == "problems"):
        fold(lines)
    return LogPage(lines, older, looked_at)


def _places(client: Client, place: LogPlace, before: Before) -> Iterator[tuple[LogPlace, Before]]:
    """The newest jobs of a pipeline, one by one, beginning with that of `before`; else the place itself."""
    if place.job:
        yield place, before
        return
    pipeline = pipeline_of(place.project, place.pipeline)
    request = pps.ListJobRequest(pipeline=pipeline, history=-1, number=_JOBS)
    if before.job:
        yield replace(place, job=before.job), before
        job = pps.InspectJobRequest(job=job_of(place.project, place.pipeline, before.job))
        request.paginationMarker.CopyFrom(client.pps.InspectJob(job).created)
    none = not before.job
    for info in client.pps.ListJob(request):
        none = False
        yield replace(place, job=info.job.id), Before()
    if none:
        client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=pipeline))
        yield place, before


def _request(place: LogPlace, wanted: LogQuery, before: Before, number: int) -> Message:
    query = logs.UserLogQuery()
    pipeline = logs.PipelineLogQuery(project=place.project, pipeline=place.pipeline)
    if place.job and place.datum:
        query.job_datum.job, query.job_datum.datum = place.job, place.datum
    elif place.job:
        query.pipeline_job.pipeline.CopyFrom(pipeline)
        query.pipeline_job.job = place.job
    else:
        query.pipeline.CopyFrom(pipeline)
    last = google.Timestamp()
    last.FromMicroseconds((unmark(before.time) or _LAST).ToMicroseconds() + _ROUNDING)
    pattern = pattern_of(wanted)
    return logs.GetLogsRequest(
        query=logs.LogQuery(user=query),
        filter=logs.LogFilter(
            time_range=logs.TimeRangeLogFilter(from_=last, until=_FIRST),  # turned round: newest first
            limit=number + before.skip + _SPARE,
            regex=logs.RegexLogFilter(pattern=pattern) if pattern else None,
            user_logs_only=wanted.level == "stage",
        ),
    )


def pattern_of(wanted: LogQuery) -> str:
    """The regular expression for what is looked for; empty for every line."""
    find = re.escape(wanted.find)
    if wanted.level != "problems":
        return f"(?i){find}" if find else ""
    return f"(?i)({find}.*{_PROBLEM}|{_PROBLEM}.*{find})" if find else f"(?i){_PROBLEM}"


def _ask(client: Client, place: LogPlace, request: Message) -> list[Message]:
    """The lines, newest first.

    Who asks for a datum of a job cannot name the pipeline, and two pipelines of one commit set may have equal
    datums: lines of another one are left out, and more are asked for where that leaves too few.
    """
    wanted = request.filter.limit
    while True:
        try:
            answers = client.call("/logs.API/GetLogs", request)
            lines = [
                each.log.pps_log_message for each in answers if each.WhichOneof("response_type") == "log"
            ]
        except Unimplemented:
            return _by_hand(client, place, request.filter)
        own = [line for line in lines if _is_of(line, place)]
        if len(own) >= wanted or len(lines) < request.filter.limit:
            return own[:wanted]
        request.filter.limit *= _MORE


def _is_of(line: Message, place: LogPlace) -> bool:
    return not line.pipeline_name or (line.project_name, line.pipeline_name) == (
        place.project,
        place.pipeline,
    )


def _by_hand(client: Client, place: LogPlace, wanted: Message) -> list[Message]:
    """The same of a server without the service: all lines come, the last that are wanted stay."""
    asked, pattern = pps.GetLogsRequest(since=_EVER), re.compile(wanted.regex.pattern)
    if place.job:
        asked.job.CopyFrom(job_of(place.project, place.pipeline, place.job))
    else:
        asked.pipeline.CopyFrom(pipeline_of(place.project, place.pipeline))
    if place.datum:
        asked.datum.CopyFrom(pps.Datum(id=place.datum, job=asked.job if place.job else None))
    lines = (
        line
        for line in client.pps.GetLogs(asked)
        if (line.user or not wanted.user_logs_only)
        and _when(line.ts) <= _when(wanted.time_range.from_)
        and pattern.search(line.message)
    )
    return list(reversed(deque(lines, wanted.limit or _MOST)))


def _not_after(lines: list[Message], before: Before) -> list[Message]:
    """Those of the lines, newest first, that are before."""
    end = unmark(before.time)
    if end is None:
        return lines
    return [line for line in lines if _when(line.ts) <= _when(end)][before.skip :]


def _older(shown: list[Message], before: Before) -> Before:
    """Before the oldest of these lines, however many are of the same moment."""
    last = shown[-1]
    same = sum(line.job_id == last.job_id and _when(line.ts) == _when(last.ts) for line in shown)
    again = before.skip if (before.time, before.job) == (mark(last.ts), last.job_id) else 0
    return Before(mark(last.ts), same + again, last.job_id)


def _when(stamp: Message) -> tuple[int, int]:
    return stamp.seconds, stamp.nanos


def line_data(line: Message) -> dict[str, Any]:
    """A line as data of a page; `id` is what a permalink names."""
    moment = datetime.fromtimestamp(line.ts.seconds, UTC)
    text = plain(line.message)
    return {
        "id": f"t{line.ts.seconds}-{line.ts.nanos // 1000:06d}",
        "mark": mark(line.ts),
        "time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ts": f"{moment:%Y-%m-%dT%H:%M:%S}.{line.ts.nanos // 1000:06d}Z",
        "clock": f"{moment:%H:%M:%S}.{line.ts.nanos // 1_000_000:03d}",
        "job": line.job_id,
        "datum": line.datum_id,
        "by": "stage" if line.user else "engine",
        "text": text[:_LONGEST],
        "cut": len(text) > _LONGEST,
        "folds": 0,
        "unfolds": False,
    }


def plain(text: str) -> str:
    """A line without colours; other characters that would not be seen, or would move others, written out."""
    bare = _ANSI.sub("", text.rstrip("\r\n"))
    return "\t".join(printable(part) for part in bare.split("\t"))
