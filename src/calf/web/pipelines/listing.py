"""All pipelines of a project, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from calf.model.errors import InvalidArgument
from calf.views.states import pipeline_state
from calf.web import links
from calf.web.jobs.shapes import job_data
from calf.web.pages import Ask, Page
from calf.web.pipelines.inputs import input_rows
from calf.web.pipelines.shapes import pipeline_data
from calf.wire.messages import Message, pfs, pps

if TYPE_CHECKING:
    from calf.client.connection import Client

ROWS = 50
STATES = ("running", "standby", "starting", "paused", "failure", "crashing", "restarting")
_JOBS_EACH = 2
_BESIDE = 10
"""Among so many jobs of a pipeline is one that was no run on the past."""


def show_pipelines(ask: Ask) -> Page:
    """Each pipeline with its state, why it is in it, and its last job."""
    state, find, at = ask.text("state"), ask.text("find"), ask.number("page", 1, 10**6)
    request = pps.ListPipelineRequest(
        projects=[pfs.Project(name=ask.project)],
        details=True,
        jqFilter=_filter(state),
        page=None if find else pps.PipelinePage(page_size=ROWS, page_index=at - 1),
    )
    infos = list(ask.client.pps.ListPipeline(request))
    if not infos:
        ask.check_project()
    if find:
        found = [info for info in infos if find.casefold() in info.pipeline.name.casefold()]
        infos = found[(at - 1) * ROWS : at * ROWS]
    last = _last_jobs(ask.client, ask.project, infos, first=at == 1 and not find)
    data = {
        "pipelines": [
            pipeline_data(info) | {"last_job": last.get(info.pipeline.name), "reads": _reads(info)}
            for info in infos
        ],
        "chosen": state,
        "states": STATES,
        "find": find,
        "page_number": at,
        "next": links.pipelines(ask.project, state, find, at + 1) if len(infos) == ROWS else "",
    }
    return Page("pipelines/list.html", "Pipelines", data, live=True, section="pipelines")


def _reads(info: Message) -> list[str]:
    """The repos that a pipeline reads, each once; clocks by their names."""
    rows = input_rows(info.details.input)
    names = (row["repo"] if row["kind"] == "pfs" else row["name"] for row in rows if "name" in row)
    return list(dict.fromkeys(names))


def _filter(state: str) -> str:
    known = {pipeline_state(number) for number in pps.PipelineState.values()}
    if state and state not in known:
        raise InvalidArgument(f"there is no state {state[:40]!r}", f"states are {', '.join(STATES)}")
    return f'select(.state == "PIPELINE_{state.upper()}")' if state else ""


def _last_jobs(
    client: Client, project: str, infos: Sequence[Message], *, first: bool
) -> dict[str, dict[str, Any]]:
    """The newest job of each pipeline.

    Those of the `first` page are mostly among the newest of the project; the rest are asked for one by one.
    """
    wanted = {info.pipeline.name for info in infos if info.last_job_state}
    found: dict[str, dict[str, Any]] = {}
    recent = pps.ListJobRequest(
        projects=[pfs.Project(name=project)], history=-1, number=_JOBS_EACH * len(wanted)
    )
    for job in client.pps.ListJob(recent) if wanted and first else ():
        if not job.calf.detached:
            found.setdefault(job.job.pipeline.name, job_data(job))
    for info in infos:
        if info.pipeline.name in wanted - found.keys():
            of_one = pps.ListJobRequest(pipeline=info.pipeline, history=-1, number=_BESIDE)
            own = [job for job in client.pps.ListJob(of_one) if not job.calf.detached]
            if own:
                found[info.pipeline.name] = job_data(own[0])
    return found
