"""Logs of jobs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calf.pps.engine import Pps
from calf.pps.jobs.logs import DEFAULT_SINCE, LogQuery, read_logs
from calf.rpc.call import Call, Handlers
from calf.rpc.counts import read_count
from calf.wire.convert_pps import write_log_message
from calf.wire.convert_refs import read_job, read_pipeline
from calf.wire.messages import Message
from calf.wire.times import read_duration


def handlers(pps: Pps) -> Handlers:
    """The method that reads logs."""
    return {"/pps_v2.API/GetLogs": partial(get_logs, pps)}


def get_logs(pps: Pps, request: Message, call: Call) -> Iterator[Message]:
    """The lines asked for; with `follow` until the job ends, or until the client leaves."""
    job = request.job
    if request.HasField("datum") and request.datum.HasField("job"):
        job = request.datum.job
    query = LogQuery(
        pipeline=read_pipeline(request.pipeline) if request.HasField("pipeline") else None,
        job=read_job(job) if job.id else None,
        datum=request.datum.id,
        filters=tuple(request.data_filters),
        master=request.master,
        since=read_duration(request.since) or DEFAULT_SINCE,
        tail=read_count(request.tail, "tail"),
        follow=request.follow,
    )
    for line in read_logs(pps, query, call.cancel):
        yield write_log_message(line.log, line.inputs)
