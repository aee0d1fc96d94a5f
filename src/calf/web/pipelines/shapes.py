"""Pipelines as data of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calf.model.errors import NotFound
from calf.views.input_words import shorthand
from calf.views.states import job_state, pipeline_state
from calf.web.jobs.shapes import pipeline_of
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pps

if TYPE_CHECKING:
    from calf.client.connection import Client

_TYPES = {
    int(pps.PipelineInfo.PIPELINE_TYPE_SPOUT): "spout",
    int(pps.PipelineInfo.PIPELINE_TYPE_SERVICE): "service",
}
_AT_WORK = ("created", "starting", "running", "egressing", "finishing")


def pipeline_data(info: Message) -> dict[str, Any]:
    """What lists say of a pipeline, which must have come with its details."""
    image, details = info.calf.image, info.details
    last = job_state(info.last_job_state) if info.last_job_state else ""
    return {
        "name": info.pipeline.name,
        "project": info.pipeline.project.name,
        "version": info.version,
        "state": pipeline_state(info.state),
        "idle": is_idle(info),
        "stopped": info.stopped,
        "reason": info.reason or details.recent_error,
        "last_job_state": last,
        "type": _TYPES.get(info.type, "transform"),
        "description": details.description,
        "image": {
            "name": image.name or details.transform.image,
            "digest": image.digest,
            "kind": image.kind,
        },
        "input": shorthand(details.input),
        "created": rfc3339(details.created_at),
        "updated": rfc3339(details.updated_at) or rfc3339(details.created_at),
    }


def is_idle(info: Message) -> bool:
    """Whether a pipeline runs, as Pachyderm uses the word, and only waits for data."""
    return info.state == pps.PIPELINE_RUNNING and (
        not info.last_job_state or job_state(info.last_job_state) not in _AT_WORK
    )


def inspect(client: Client, project: str, name: str, version: int = 0) -> tuple[Message, int]:
    """A pipeline, perhaps as it was in a version, and the number of its newest one. Raises `NotFound`."""
    pipeline = pipeline_of(project, name)
    newest = client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=pipeline, details=True))
    if version in (0, newest.version):
        return newest, newest.version
    request = pps.ListPipelineRequest(pipeline=pipeline, history=-1, details=True)
    for info in client.pps.ListPipeline(request):
        if info.version == version:
            return info, newest.version
    raise NotFound(f"pipeline {project}/{name} has no version {version}", f"the newest is {newest.version}")
