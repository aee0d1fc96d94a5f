"""A pipeline: how it is, what it reads, its last jobs."""

from __future__ import annotations

from typing import Any

from calf.web import links
from calf.web.jobs.shapes import job_data, pipeline_of
from calf.web.pages import Ask, Page
from calf.web.pipelines.inputs import input_rows
from calf.web.pipelines.shapes import inspect, pipeline_data
from calf.wire.messages import Message, pps

_JOBS = 10


def show_pipeline(ask: Ask) -> Page:
    """Its state with the reason, inputs, output, and its newest jobs."""
    name = ask.path["pipeline"]
    info, newest = inspect(ask.client, ask.project, name, _version(ask))
    request = pps.ListJobRequest(pipeline=pipeline_of(ask.project, name), history=-1, number=_JOBS + 1)
    jobs = [job_data(job) for job in ask.client.pps.ListJob(request)]
    details = info.details
    data = {
        "pipeline": pipeline_data(info) | _more(info),
        "newest_version": newest,
        "inputs": list(input_rows(details.input)),
        "jobs": jobs[:_JOBS],
        "longest": max((job["seconds"] or 0.0 for job in jobs[:_JOBS]), default=0.0),
        "next": links.pipeline_jobs(ask.project, name) if len(jobs) > _JOBS else "",
    }
    return Page("pipelines/overview.html", name, data, crumbs(ask.project), True, "pipelines")


def _more(info: Message) -> dict[str, Any]:
    details = info.details
    return {
        "output_branch": details.output_branch or "master",
        "parallelism": info.parallelism,
        "workers_available": details.workers_available,
        "workers_requested": details.workers_requested,
        "egress": details.egress.URL,
        "annotations": dict(info.details.metadata.annotations),
    }


def _version(ask: Ask) -> int:
    return ask.number("version", 1, 10**9) if ask.text("version") else 0


def crumbs(project: str, name: str = "") -> tuple[tuple[str, str], ...]:
    """What a page about a pipeline lies in."""
    found = (("Pipelines", links.pipelines(project)),)
    return (*found, (name, links.pipeline(project, name))) if name else found
