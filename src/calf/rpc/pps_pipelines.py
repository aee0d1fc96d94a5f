"""Pipelines: create, update, inspect, list, delete, start, stop, rerun.

Before each answer the list of jobs is brought up to the commits, and pipelines whose image has come are let
go on, so that a client sees what it did before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from calf.model.errors import NotFound
from calf.model.refs import Pipeline
from calf.model.states import PipelineState
from calf.pps import cron, defaults, pipelines
from calf.pps.engine import Pps
from calf.pps.jobs.catch_up import catch_up
from calf.pps.pipelines import PipelineQuery
from calf.rpc.call import Call, Handler, Handlers
from calf.rpc.counts import read_page
from calf.rpc.jq_filter import read_filter
from calf.rpc.pps_create_pipeline import create_pipeline, create_pipeline_v2
from calf.wire.convert_pps import write_pipeline_info
from calf.wire.convert_refs import read_pipeline, read_project, write_pipeline
from calf.wire.messages import Message, google
from calf.wire.messages import pps as api


def handlers(pps: Pps) -> Handlers:
    """All methods about pipelines."""
    methods: dict[str, Callable[[Pps, Message, Call], object]] = {
        "CreatePipeline": create_pipeline,
        "CreatePipelineV2": create_pipeline_v2,
        "InspectPipeline": inspect_pipeline,
        "ListPipeline": list_pipeline,
        "DeletePipeline": delete_pipeline,
        "DeletePipelines": delete_pipelines,
        "StartPipeline": start_pipeline,
        "StopPipeline": stop_pipeline,
        "RerunPipeline": rerun_pipeline,
        "RunCron": run_cron,
        "DeleteAll": delete_all,
    }
    return {f"/pps_v2.API/{name}": _caught_up(pps, method) for name, method in methods.items()}


def inspect_pipeline(pps: Pps, request: Message, _call: Call) -> Message:
    """One record, perhaps of a former version."""
    with pps.pfs.read() as tx:
        info = pipelines.inspect(tx, read_pipeline(request.pipeline))
    return write_pipeline_info(info, details=request.details)


def list_pipeline(pps: Pps, request: Message, call: Call) -> Iterator[Message]:
    """The records asked for, newest pipeline first."""
    wanted, page = read_filter(request.jqFilter, "PIPELINE", PipelineState), read_page(request.page)
    query = PipelineQuery(
        pipeline=read_pipeline(request.pipeline) if request.HasField("pipeline") else None,
        history=request.history,
        commit_set=request.commit_set.id,
        projects=tuple(read_project(project) for project in request.projects),
        states=wanted.states,
    )
    with pps.pfs.read() as tx:
        infos = pipelines.list_(tx, query)
    before, after = (slice(None), page) if wanted.program else (slice(*page), (None,))
    records = (write_pipeline_info(info, details=request.details) for info in infos[before])
    for record in islice(wanted.pick(records, 0), *after):
        call.cancel.check()
        yield record


def delete_pipeline(pps: Pps, request: Message, _call: Call) -> Message:
    """Delete one pipeline (with `all`, all of them); one that is not there is fine unless it must be."""
    with pps.pfs.transaction() as txn:
        if request.all:
            wanted = _names(pps, ())
        else:
            wanted = [read_pipeline(request.pipeline)]
            if not request.must_exist and not _exists(pps, wanted[0]):
                return google.Empty()
        pipelines.delete_several(txn, wanted, force=request.force, keep_repo=request.keep_repo)
    _delete_logs(pps, wanted)
    return google.Empty()


def delete_pipelines(pps: Pps, request: Message, _call: Call) -> Message:
    """Delete all pipelines of some projects, or of all; say which."""
    projects = tuple(read_project(project) for project in request.projects)
    with pps.pfs.transaction() as txn:
        wanted = _names(pps, projects) if projects or request.all else []
        pipelines.delete_several(txn, wanted, force=request.force, keep_repo=request.keep_repo)
    _delete_logs(pps, wanted)
    return api.DeletePipelinesResponse(pipelines=[write_pipeline(name) for name in wanted])


def start_pipeline(pps: Pps, request: Message, _call: Call) -> Message:
    """Go on with a stopped pipeline."""
    with pps.pfs.transaction() as txn:
        pipelines.start(pps, txn, read_pipeline(request.pipeline))
    return google.Empty()


def stop_pipeline(pps: Pps, request: Message, _call: Call) -> Message:
    """Stop a pipeline; one that is not there is fine unless it must be."""
    with pps.pfs.transaction() as txn:
        if not request.must_exist and not _exists(pps, read_pipeline(request.pipeline)):
            return google.Empty()
        pipelines.stop(txn, read_pipeline(request.pipeline))
    return google.Empty()


def rerun_pipeline(pps: Pps, request: Message, _call: Call) -> Message:
    """Make a new version of the same spec."""
    with pps.pfs.transaction() as txn:
        pipelines.rerun(pps, txn, read_pipeline(request.pipeline), reprocess=request.reprocess)
    return google.Empty()


def run_cron(pps: Pps, request: Message, _call: Call) -> Message:
    """Tick all clocks of a pipeline now."""
    cron.run(pps.pfs, read_pipeline(request.pipeline))
    return google.Empty()


def delete_all(pps: Pps, _request: Message, _call: Call) -> Message:
    """Delete every pipeline with its jobs and repos, and all defaults."""
    with pps.pfs.transaction() as txn:
        pipelines.delete_several(txn, wanted := _names(pps, ()), force=True)
        defaults.forget(txn)
    _delete_logs(pps, wanted)
    return google.Empty()


def _delete_logs(pps: Pps, gone: Iterable[Pipeline]) -> None:
    for pipeline in gone:
        pps.logs.delete(pipeline.project, pipeline.name)


def _names(pps: Pps, projects: tuple[str, ...]) -> list[Pipeline]:
    with pps.pfs.read() as tx:
        return [info.pipeline for info in pipelines.list_(tx, PipelineQuery(projects=projects))]


def _exists(pps: Pps, pipeline: Pipeline) -> bool:
    with pps.pfs.read() as tx:
        try:
            pipelines.inspect(tx, pipeline)
        except NotFound:
            return False
    return True


def _caught_up(pps: Pps, method: Callable[[Pps, Message, Call], object]) -> Handler:
    def handler(request: Message, call: Call) -> object:
        catch_up(pps.pfs)
        pipelines.retry_images(pps)
        return method(pps, request, call)

    return handler
