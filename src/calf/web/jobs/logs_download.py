"""Logs as a file, whole, as they come from the server."""

from __future__ import annotations

import re
from collections.abc import Iterator

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from calf.web.jobs.log_reading import line_data, plain
from calf.web.jobs.shapes import job_of, pipeline_of
from calf.web.pages import ask_of, token_of
from calf.wire.messages import Message, pps
from calf.wire.times import write_duration

_EVER = write_duration(100 * 365 * 86400.0)
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


def download(request: Request) -> Response:
    """`time job datum text` a line, without what a terminal would obey."""
    ask = ask_of(request)
    name, job_id, datum = ask.path["pipeline"], ask.text("job"), ask.text("datum")
    asked = pps.GetLogsRequest(since=_EVER)
    if job_id:
        asked.job.CopyFrom(job_of(ask.project, name, job_id))
    else:
        asked.pipeline.CopyFrom(pipeline_of(ask.project, name))
    if datum:
        asked.datum.CopyFrom(pps.Datum(id=datum, job=asked.job if job_id else None))
    patient = request.app.state.upstream.patient(token_of(request))
    lines = iter(patient.pps.GetLogs(asked))
    first = next(lines, None)  # an error is told before the file begins
    file = _ODD.sub("-", "-".join(filter(None, (name, job_id[:8], datum[:8]))))
    headers = {"content-disposition": f'attachment; filename="{file}.log"'}
    end = BackgroundTask(patient.close)
    return StreamingResponse(_texts(first, lines), 200, headers, "text/plain; charset=utf-8", end)


def _texts(first: Message | None, rest: Iterator[Message]) -> Iterator[str]:
    if first is None:
        return
    yield _text(first)
    for line in rest:
        yield _text(line)


def _text(line: Message) -> str:
    told = line_data(line)
    return f"{told['ts']} {told['job'][:8]} {told['datum'][:8] or '-'} {told['by']} {plain(line.message)}\n"
