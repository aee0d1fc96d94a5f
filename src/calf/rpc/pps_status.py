"""How pipelines are, over the wire: alerts, summaries, tasks; and what only a cluster could tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from calf.pps import status
from calf.pps.engine import Pps
from calf.pps.jobs.catch_up import catch_up
from calf.rpc.call import Call, Handlers
from calf.wire.convert_refs import read_project, write_pipeline, write_project
from calf.wire.messages import Message, taskapi
from calf.wire.messages import pps as api

_TASKS = "pps"


def handlers(pps: Pps) -> Handlers:
    """All methods about how pipelines are."""
    return {
        "/pps_v2.API/CheckStatus": partial(check_status, pps),
        "/pps_v2.API/PipelinesSummary": partial(pipelines_summary, pps),
        "/pps_v2.API/ListTask": partial(list_task, pps),
        "/pps_v2.API/GetKubeEvents": get_kube_events,
        "/pps_v2.API/QueryLoki": query_loki,
    }


def check_status(pps: Pps, request: Message, _call: Call) -> Iterator[Message]:
    """The pipelines that something is wrong with; of all projects unless one is named."""
    catch_up(pps.pfs)
    project = read_project(request.project) if request.HasField("project") else None
    with pps.pfs.read() as tx:
        found = status.alerts(tx, project, pps.pfs.clock())
    for info, alerts in found:
        pipeline = write_pipeline(info.pipeline)
        yield api.CheckStatusResponse(project=pipeline.project, pipeline=pipeline, alerts=alerts)


def pipelines_summary(pps: Pps, request: Message, _call: Call) -> Message:
    """How many pipelines of each project are well."""
    catch_up(pps.pfs)
    projects = tuple(picker.name for picker in request.projects if picker.name)
    with pps.pfs.read() as tx:
        found = status.summaries(tx, projects)
    return api.PipelinesSummaryResponse(
        summaries=[
            api.PipelinesSummary(
                project=write_project(it.project),
                active_pipelines=it.active,
                paused_pipelines=it.paused,
                failed_pipelines=it.failed,
                unhealthy_pipelines=it.unhealthy,
            )
            for it in found
        ]
    )


def list_task(pps: Pps, request: Message, _call: Call) -> Iterator[Message]:
    """What workers are at: a task for each datum that runs now, in a group for its job."""
    wanted = request.group
    for attempt in pps.running.attempts():
        group = str(attempt.datum.job)
        if wanted.namespace not in ("", _TASKS) or wanted.group not in ("", group):
            continue
        paths = [f"/pfs/{item.name}{item.path}" for item in attempt.inputs]
        yield taskapi.TaskInfo(
            id=attempt.datum.id,
            group=taskapi.Group(namespace=_TASKS, group=group),
            state=taskapi.CLAIMED,
            input_type="datum",
            input_data=json.dumps({"inputs": paths}),
        )


def get_kube_events(_request: Message, _call: Call) -> Iterator[Message]:
    """No events: there is no Kubernetes below this server, so nothing happens in it."""
    return iter(())


def query_loki(_request: Message, _call: Call) -> Iterator[Message]:
    """No lines: nothing is sent to a Loki, the server keeps its logs itself."""
    return iter(())
