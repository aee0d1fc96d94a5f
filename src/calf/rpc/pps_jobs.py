"""Jobs and job sets: inspect, list, follow, stop, delete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from calf.db import pipelines
from calf.model.errors import InvalidArgument, NotFound
from calf.model.pps_infos import JobInfo
from calf.model.states import JobState
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pps.engine import Pps
from calf.pps.jobs import delete, inspect, list_, sets, stop, subscribe
from calf.pps.jobs.catch_up import catch_up
from calf.pps.jobs.end import end_badly
from calf.pps.jobs.list_ import JobQuery
from calf.pps.jobs.move import current
from calf.rpc.call import Call, Handlers
from calf.rpc.commit_branches import output_branches_of
from calf.rpc.counts import read_count
from calf.rpc.jq_filter import read_filter
from calf.wire.convert_pps import write_job_info, write_job_set_info, write_worker_status
from calf.wire.convert_refs import read_commit_ref, read_job, read_pipeline, read_project
from calf.wire.enums import read_enum
from calf.wire.messages import Message, google
from calf.wire.times import read_time

_ENDS_BADLY = frozenset({JobState.FAILURE, JobState.KILLED, JobState.UNRUNNABLE})


def handlers(pps: Pps) -> Handlers:
    """All methods about jobs."""
    return {
        "/pps_v2.API/InspectJob": partial(inspect_job, pps),
        "/pps_v2.API/ListJob": partial(list_job, pps.pfs),
        "/pps_v2.API/SubscribeJob": partial(subscribe_job, pps.pfs),
        "/pps_v2.API/InspectJobSet": partial(inspect_job_set, pps.pfs),
        "/pps_v2.API/ListJobSet": partial(list_job_set, pps.pfs),
        "/pps_v2.API/StopJob": partial(stop_job, pps.pfs),
        "/pps_v2.API/UpdateJobState": partial(update_job_state, pps.pfs),
        "/pps_v2.API/DeleteJob": partial(delete_job, pps),
    }


def inspect_job(pps: Pps, request: Message, call: Call) -> Message:
    """One record, with `wait` once the job has ended; in its details, what workers do for it now."""
    if not request.HasField("job"):
        raise InvalidArgument("must specify a job")
    pfs, job = pps.pfs, read_job(request.job)
    info = inspect.wait(pfs, job, call.cancel) if request.wait else inspect.inspect(pfs, job)
    branch = output_branches_of(pfs, call)
    record = _record(pfs, info, branch, request)
    if request.details:
        for number, it in enumerate(pps.running.attempts(job)):
            worker = f"{job.pipeline.name}-v{info.pipeline_version}-{number}"
            status = write_worker_status(worker, it.datum, it.started, it.inputs)
            record.details.worker_status.append(status)
    return record


def list_job(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The records asked for, newest first."""
    wanted, number = read_filter(request.jqFilter, "JOB", JobState), read_count(request.number)
    query = JobQuery(
        pipeline=read_pipeline(request.pipeline) if request.HasField("pipeline") else None,
        projects=tuple(read_project(project) for project in request.projects),
        inputs=tuple(read_commit_ref(commit) for commit in request.input_commit),
        states=wanted.states,
        history=request.history,
        after=_marker(request),
        number=wanted.limit(number),
        reverse=request.reverse,
    )
    branch = output_branches_of(pfs, call)
    records = (_record(pfs, info, branch, request) for info in list_.list_(pfs, query))
    for record in wanted.pick(records, number):
        call.cancel.check()
        yield record


def subscribe_job(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The unfinished jobs of a pipeline, at first and whenever they change."""
    branch = output_branches_of(pfs, call)
    for info in subscribe.subscribe(pfs, read_pipeline(request.pipeline), call.cancel):
        yield _record(pfs, info, branch, request)


def inspect_job_set(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The records of a set, with `wait` each once the job has ended."""
    set_id = request.job_set.id
    found = sets.wait_set(pfs, set_id, call.cancel) if request.wait else sets.inspect_set(pfs, set_id)
    branch = output_branches_of(pfs, call)
    for info in found:
        yield _record(pfs, info, branch, request)


def list_job_set(pfs: Pfs, request: Message, call: Call) -> Iterator[Message]:
    """The sets of jobs, newest first; with a filter, those with a job that it lets through."""
    wanted, number = read_filter(request.jqFilter, "JOB", JobState), read_count(request.number)
    query = JobQuery(
        projects=tuple(read_project(project) for project in request.projects),
        states=wanted.states,
        after=_marker(request),
        number=wanted.limit(number),
        reverse=request.reverse,
    )
    branch = output_branches_of(pfs, call)
    found = (
        write_job_set_info(it.id, [_record(pfs, info, branch, request) for info in it.jobs])
        for it in sets.list_sets(pfs, query)
    )
    for record in wanted.pick_any(found, number, lambda record: record.jobs):
        call.cancel.check()
        yield record


def stop_job(pfs: Pfs, request: Message, _call: Call) -> Message:
    """Kill a job."""
    catch_up(pfs)
    with pfs.transaction() as txn:
        stop.stop(txn, read_job(request.job), request.reason)
    return google.Empty()


def update_job_state(pfs: Pfs, request: Message, _call: Call) -> Message:
    """End a job badly; how it goes otherwise only the server knows, which runs it."""
    state = read_enum(JobState, request.state)
    if state not in _ENDS_BADLY:
        names = ", ".join(sorted(f"JOB_{it.name}" for it in _ENDS_BADLY))
        raise InvalidArgument(f"a job cannot be put into JOB_{state.name} from outside", f"use {names}")
    catch_up(pfs)
    with pfs.transaction() as txn:
        end_badly(txn, current(txn, read_job(request.job)), state, request.reason)
    return google.Empty()


def delete_job(pps: Pps, request: Message, _call: Call) -> Message:
    """Remove a job, its list of datums and its logs."""
    catch_up(pps.pfs)
    job = read_job(request.job)
    with pps.pfs.transaction() as txn:
        delete.delete(txn, job)
    pps.logs.delete(job.pipeline.project, job.pipeline.name, job.id)
    return google.Empty()


def _marker(request: Message) -> float | None:
    return read_time(request.paginationMarker) if request.HasField("paginationMarker") else None


def _record(pfs: Pfs, info: JobInfo, branch: Callable[[JobInfo], str], request: Message) -> Message:
    if not request.details:
        return write_job_info(info, branch=branch(info))
    with pfs.read() as tx:
        version = pipelines.get(tx, info.job.pipeline, info.pipeline_version)
        try:
            inputs = commits.inputs(tx, info.output_commit)
        except NotFound:  # the commit was dropped, its record stays
            inputs = {}
    return write_job_info(info, version.spec if version else None, inputs, branch=branch(info))
