"""Datums of jobs and of inputs: inspect, list, start over."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

from calf.model.errors import InvalidArgument, WrongState
from calf.model.pps_infos import DatumInfo
from calf.model.spec import parse_input
from calf.model.states import DatumState
from calf.pps.datums import preview, upcoming
from calf.pps.engine import Pps
from calf.pps.jobs.catch_up import catch_up
from calf.pps.jobs.datum_list import DatumQuery, inspect_datum, list_datums
from calf.pps.jobs.inspect import inspect
from calf.pps.scheduler.loop import Scheduler
from calf.rpc.call import Call, Handlers
from calf.rpc.commit_branches import branches_of
from calf.rpc.counts import read_count
from calf.wire.convert_pps import read_datum, write_datum_info
from calf.wire.convert_refs import read_job
from calf.wire.documents import to_document
from calf.wire.enums import read_enum
from calf.wire.messages import Message, google

DEFAULT_BATCH = 100
"""How many datums a client gets that asks for a batch without a number."""


def handlers(pps: Pps, scheduler: Scheduler) -> Handlers:
    """All methods about datums."""
    return {
        "/pps_v2.API/InspectDatum": partial(inspect_one, pps),
        "/pps_v2.API/ListDatum": partial(list_datum, pps),
        "/pps_v2.API/CreateDatum": partial(create_datum, pps),
        "/pps_v2.API/RestartDatum": partial(restart_datum, pps, scheduler),
    }


def inspect_one(pps: Pps, request: Message, call: Call) -> Message:
    """One record."""
    info = inspect_datum(pps.pfs, read_datum(request.datum))
    return write_datum_info(info, branches_of(pps.pfs, call)(info.datum.job.meta))


def list_datum(pps: Pps, request: Message, call: Call) -> Iterator[Message]:
    """The datums of a job, or those that an input would give."""
    if request.HasField("input") and request.HasField("job"):
        raise InvalidArgument("cannot specify both job and input")
    found = _of_input(pps, request) if request.HasField("input") else _of_job(pps, request)
    branch = branches_of(pps.pfs, call)
    for info in found:
        call.cancel.check()
        yield write_datum_info(info, branch(info.datum.job.meta))


def _of_job(pps: Pps, request: Message) -> Iterator[DatumInfo]:
    query = DatumQuery(
        job=read_job(request.job),
        states=_states(request),
        after=request.paginationMarker,
        number=read_count(request.number),
        reverse=request.reverse,
    )
    return list_datums(pps.pfs, query)


def _of_input(pps: Pps, request: Message) -> Iterator[DatumInfo]:
    after, states = request.paginationMarker, _states(request)
    found = preview(pps.pfs, parse_input(to_document(request.input)))
    if request.reverse:
        beyond = [info for info in reversed(found) if not after or info.datum.id < after]
    else:
        beyond = [info for info in found if info.datum.id > after]
    wanted = (info for info in beyond if not states or info.state in states)
    return islice(wanted, read_count(request.number) or None)


def create_datum(pps: Pps, requests: Iterator[Message], call: Call) -> Iterator[Message]:
    """The datums of the input that the first request gives, as many at a time as each request asks for.

    The stream ends with the datums, or when the client asks for no more.
    """
    found: Iterator[DatumInfo] | None = None
    for request in requests:
        body = request.WhichOneof("body")
        if (body == "start") != (found is None):
            raise InvalidArgument("the first request, and no other, must say which input to start with")
        if found is None:
            found = upcoming(pps.pfs, parse_input(to_document(request.start.input)))
        number = read_count(getattr(request, body).number) or DEFAULT_BATCH
        batch = list(islice(found, number))
        for info in batch:
            call.cancel.check()
            yield write_datum_info(info)
        if len(batch) < number:
            return


def _states(request: Message) -> frozenset[DatumState]:
    return frozenset(read_enum(DatumState, state) for state in request.filter.state)


def restart_datum(pps: Pps, scheduler: Scheduler, request: Message, _call: Call) -> Message:
    """Start over the running datums of a job that read what the filters name."""
    catch_up(pps.pfs)
    job, filters = inspect(pps.pfs, read_job(request.job)).job, tuple(request.data_filters)
    if not scheduler.restart_datum(job, filters):
        raise WrongState(
            f"datum matching filter [{' '.join(filters)}] could not be found for job ID {job.id}",
            "only a datum that is running now can be restarted",
        )
    return google.Empty()
