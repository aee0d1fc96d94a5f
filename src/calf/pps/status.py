"""What is wrong with pipelines, in words; and how many of a project are well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calf.db import jobs
from calf.db.tx import Tx
from calf.kit import durations
from calf.model.pps_infos import PipelineInfo
from calf.model.states import JobState, PipelineState
from calf.pps.pipelines import PipelineQuery, list_
from calf.pps.pipelines.held_up import is_held_up
from calf.pps.pipelines.severed import severed

_FAILED = frozenset({PipelineState.FAILURE, PipelineState.CRASHING})
_BAD = frozenset({JobState.FAILURE, JobState.KILLED, JobState.UNRUNNABLE})


@dataclass(frozen=True, slots=True)
class Summary:
    """How the pipelines of a project are; those whose last job went badly are `unhealthy`."""

    project: str
    active: int
    paused: int
    failed: int
    unhealthy: int


def alerts(tx: Tx, project: str | None, now: float) -> list[tuple[PipelineInfo, tuple[str, ...]]]:
    """The pipelines of a project (None: of all) that something is wrong with, and what."""
    query = PipelineQuery(projects=() if project is None else (project,))
    found = ((info, tuple(_alerts(tx, info, now))) for info in list_(tx, query))
    return [(info, said) for info, said in found if said]


def summaries(tx: Tx, projects: tuple[str, ...]) -> list[Summary]:
    """A summary of each project; of none given, of each that has pipelines."""
    infos = list_(tx, PipelineQuery(projects=projects))
    names = projects or tuple(sorted({info.pipeline.project for info in infos}))
    return [_summary(name, [info for info in infos if info.pipeline.project == name]) for name in names]


def _alerts(tx: Tx, info: PipelineInfo, now: float) -> Iterator[str]:
    if info.state in _FAILED:
        yield f"{info.state.name.lower()}: {info.reason}"
    if info.last_job_state in _BAD:
        yield f"the last job ended as {info.last_job_state.name.lower()}"
    if lost := severed(tx, info):
        yield lost
    for job_id, reason in jobs.reasons(tx, info.pipeline):
        if is_held_up(reason):
            yield f"job {job_id}: {reason}"
    longest = info.spec.maximum_expected_uptime
    for job in jobs.unfinished(tx, info.pipeline) if longest else ():
        if job.started and now - job.started > longest:
            since = durations.format(round(now - job.started))
            yield f"job {job.job.id} has run for {since}, more than the {durations.format(longest)} expected"


def _summary(project: str, infos: list[PipelineInfo]) -> Summary:
    paused = sum(1 for info in infos if info.stopped)
    failed = sum(1 for info in infos if info.state in _FAILED)
    return Summary(
        project=project,
        active=len(infos) - paused - failed,
        paused=paused,
        failed=failed,
        unhealthy=sum(1 for info in infos if info.last_job_state in _BAD),
    )
