"""Lists of jobs: the commit sets of a project, and the jobs of one pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from calf.model.errors import InvalidArgument
from calf.views.states import job_state
from calf.web import links
from calf.web.jobs.marks import mark, unmark
from calf.web.jobs.shapes import job_data, pipeline_of, summed
from calf.web.pages import Ask, Page
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs, pps
from calf.wire.times import read_time

SETS, JOBS = 25, 50
"""How many of them a page shows."""
_MOST_JOBS = 1000
"""A page ends before its sets have more than so many jobs."""
_FEW = 3
"""So many sets are asked for at first: a server makes all of them, and they may have many jobs."""
_SHOWN = 12
_URGENT = ("failure", "unrunnable", "running", "starting", "egressing", "finishing", "killed", "created")
STATES = ("running", "success", "failure", "killed", "unrunnable")


def show_sets(ask: Ask) -> Page:
    """What each change started, newest first. Raises `NotFound` for a project that is not there."""
    state, before = ask.text("state"), unmark(ask.text("before"))
    sets: list[Message] = []
    for each in _sets(ask, state, before):
        if len(sets) == SETS or (sets and sum(len(it.jobs) for it in sets) + len(each.jobs) > _MOST_JOBS):
            return _sets_page(ask, sets, links.jobs(ask.project, state, mark(newest(sets[-1]))))
        sets.append(each)
    if not sets:
        ask.check_project()
    return _sets_page(ask, sets, "")


def _sets(ask: Ask, state: str, before: Message | None) -> Iterator[Message]:
    """The sets whose newest job was made before a moment, each once.

    A server gives a set once more where some of its jobs are older than the moment and others are not, so
    it is asked on until it has no more.
    """
    marker, seen, number = before, set[str](), min(_FEW, SETS + 1)
    while True:
        request = pps.ListJobSetRequest(
            projects=[pfs.Project(name=ask.project)],
            paginationMarker=marker,
            number=number,
            jqFilter=state_filter(state),
        )
        found = list(ask.client.pps.ListJobSet(request))
        for each in found:
            if each.jobs and each.job_set.id not in seen and _is_before(newest(each), before):
                seen.add(each.job_set.id)
                yield each
        older = [
            info.created for each in found[-1:] for info in each.jobs if _is_before(info.created, marker)
        ]
        if len(found) < number or not older:
            return
        marker = max(older, key=read_time)
        largest = max(1, *(len(each.jobs) for each in found))
        number = 1 + min(SETS, max(1, _MOST_JOBS // largest))


def _is_before(stamp: Message, moment: Message | None) -> bool:
    return moment is None or read_time(stamp) < read_time(moment)


def _sets_page(ask: Ask, sets: Sequence[Message], more: str) -> Page:
    data = {
        "sets": [set_data(each.job_set.id, each.jobs, ask.project) for each in sets],
        "chosen": ask.text("state"),
        "states": STATES,
        "paged": bool(ask.text("before")),
        "next": more,
    }
    return Page("jobs/sets.html", "Jobs", data, live=not data["paged"], section="jobs")


def show_of_pipeline(ask: Ask) -> Page:
    """The jobs of a pipeline, of all its versions, newest first."""
    state, name = ask.text("state"), ask.path["pipeline"]
    request = pps.ListJobRequest(
        pipeline=pipeline_of(ask.project, name),
        history=-1,
        number=JOBS + 1,
        paginationMarker=unmark(ask.text("before")),
        jqFilter=state_filter(state),
    )
    infos = list(ask.client.pps.ListJob(request))
    if not infos:
        ask.client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=request.pipeline))
    shown = infos[:JOBS]
    more = links.pipeline_jobs(ask.project, name, state, mark(shown[-1].created)) if len(infos) > JOBS else ""
    jobs = [job_data(info) for info in shown]
    longest = max((job["seconds"] or 0.0 for job in jobs), default=0.0)
    data = {
        "pipeline": name,
        "jobs": jobs,
        "longest": longest,
        "chosen": state,
        "states": STATES,
        "next": more,
    }
    crumbs = (("Pipelines", links.pipelines(ask.project)), (name, links.pipeline(ask.project, name)))
    return Page("jobs/of_pipeline.html", f"Jobs of {name}", data, crumbs, True, "pipelines")


def state_filter(state: str) -> str:
    """The program that picks jobs in a state; none for the empty one. Raises `InvalidArgument`."""
    if state and f"JOB_{state.upper()}" not in pps.JobState.keys()[1:]:
        raise InvalidArgument(f"there is no state {state[:40]!r}", f"states are {', '.join(STATES)}")
    return f'select(.state == "JOB_{state.upper()}")' if state else ""


def newest(jobs: Message) -> Message:
    """When the newest job of a set was made."""
    return max((info.created for info in jobs.jobs), key=read_time)


def set_data(set_id: str, infos: Sequence[Message], project: str) -> dict[str, Any]:
    """A set: its state as a whole, how long it took, and the jobs that matter most."""
    jobs = [job_data(info) for info in infos]
    shown = sorted(jobs, key=lambda job: job["state"] == "success")[:_SHOWN] if len(jobs) > _SHOWN else jobs
    begin = min((info.started for info in infos if info.HasField("started")), key=read_time, default=None)
    ended = all(job["ended"] for job in jobs)
    end = max((info.finished for info in infos if info.HasField("finished")), key=read_time, default=None)
    took = read_time(end) - read_time(begin) if ended and begin is not None and end is not None else None
    return {
        "id": set_id,
        "state": whole_state([job["state"] for job in jobs]),
        "created": rfc3339(min((info.created for info in infos), key=read_time)),
        "seconds": None if took is None else round(took, 3),
        "number": len(jobs),
        "states": dict(Counter(job["state"] for job in jobs)),
        "counts": summed(jobs),
        "jobs": [{key: job[key] for key in ("project", "pipeline", "state", "reason")} for job in shown],
        "hidden": len(jobs) - len(shown),
        "elsewhere": any(job["project"] != project for job in jobs),
    }


def whole_state(states: Sequence[str]) -> str:
    """The state of jobs together: the one that most wants to be looked at."""
    return next((state for state in _URGENT if state in states), job_state(int(pps.JOB_SUCCESS)))
