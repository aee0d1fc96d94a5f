"""The jobs of a commit set: what ran when."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice
from typing import Any

from calf.web import links
from calf.web.jobs.culprits import blamed, culprits
from calf.web.jobs.deciding import decision_of
from calf.web.jobs.faults import fault_of
from calf.web.jobs.listing import set_data
from calf.web.jobs.shapes import job_data
from calf.web.pages import Ask, Page
from calf.web.reports.rejected import rejected_by
from calf.wire.messages import Message, pfs, pps
from calf.wire.times import read_time

_ROWS = 100
_MOST_COMMITS = 100
_EXPLAINED = 10
_HOUR, _DAY = 3600.0, 86400.0
_STEPS = (
    *(0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800),
    *(_HOUR, 2 * _HOUR, 4 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 30 * _DAY, 365 * _DAY),
)


def show_set(ask: Ask) -> Page:
    """Each job with its bar in the time that all took, and what the set was started by."""
    set_id = ask.path["set"]
    request = pps.InspectJobSetRequest(job_set=pps.JobSet(id=set_id))
    infos = list(ask.client.pps.InspectJobSet(request))
    now = time.time()
    span = _span(infos, now)
    at = ask.number("page", 1, 10**6)
    shown = infos[(at - 1) * _ROWS : at * _ROWS]
    jobs = [
        job_data(info, now)
        | _placed(info, span, now)
        | {"decision": decision_of(ask.client, info), "rejected": rejected_by(ask.client, info)}
        for info in shown
    ]
    data = {
        "set_id": set_id,
        "set": set_data(set_id, infos, ask.project) if infos else None,
        "jobs": _told_why(ask, jobs, infos),
        "next": links.job_set(ask.project, set_id, at + 1) if len(infos) > at * _ROWS else "",
        "whole": round(span[1] - span[0], 3),
        "ticks": [{"at": tick, "words": _tick(tick)} for tick in ticks(span[1] - span[0])],
        "causes": _causes(ask, set_id),
        "running": any(not info.HasField("finished") for info in infos),
    }
    title = f"Commit set {set_id[:8]}"
    return Page("jobs/set.html", title, data, (("Jobs", links.jobs(ask.project)),), True, "jobs")


def _told_why(ask: Ask, jobs: list[dict[str, Any]], infos: Sequence[Message]) -> list[dict[str, Any]]:
    """Jobs with the error of each that failed, of the first few; and of what they stopped, their names."""
    for job in [job for job in jobs if job["state"] == "failure"][:_EXPLAINED]:
        job["fault"] = fault_of(ask.client, job["project"], job["pipeline"], job["id"])
    stopped = any(job["state"] == "unrunnable" for job in jobs)
    above = _above(ask, jobs[0]["id"]) if stopped else {}
    failed = {_key(info.job.pipeline) for info in infos if info.state == pps.JOB_FAILURE}
    for job in jobs:
        job.setdefault("fault", "")
        if job["state"] == "unrunnable":
            names = culprits(f"{job['project']}/{job['pipeline']}", above, failed)
            job["fault"] = blamed([name.removeprefix(f"{ask.project}/") for name in names])
    return jobs


def _above(ask: Ask, set_id: str) -> dict[str, list[str]]:
    """What the commit of each repo was made from, in this set."""
    whole = pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=set_id))
    return {
        _key(info.commit.repo): [_key(commit.repo) for commit in info.direct_provenance]
        for info in ask.client.pfs.InspectCommitSet(whole)
        if info.commit.repo.type == "user" and info.commit.id == set_id
    }


def _key(named: Message) -> str:
    return f"{named.project.name}/{named.name}"


def _span(infos: Sequence[Message], now: float) -> tuple[float, float]:
    """From the first that was made to the last that ended; to now while one runs."""
    begins = [read_time(info.created) for info in infos]
    ends = [read_time(info.finished) if info.HasField("finished") else now for info in infos]
    return (min(begins), max(*ends, min(begins))) if infos else (now, now)


def _placed(info: Message, span: tuple[float, float], now: float) -> dict[str, Any]:
    """Seconds from the set's begin to the job's making and start, and how long it waited and ran."""
    created = read_time(info.created)
    finished = read_time(info.finished) if info.HasField("finished") else now
    started = read_time(info.started) if info.HasField("started") else finished
    return {
        "waits_from": round(created - span[0], 3),
        "waited": round(max(0.0, started - created), 3),
        "runs_from": round(started - span[0], 3),
        "ran": round(max(0.0, finished - started), 3),
    }


def ticks(seconds: float) -> list[float]:
    """Round times for the scale of a chart, at most seven, so that their words stand apart: 0, 10, 20."""
    if seconds <= 0:
        return [0.0]
    for step in _STEPS:
        if seconds / step <= 6:
            return [round(step * number, 1) for number in range(int(seconds / step) + 1)]
    return [0.0]


def _tick(seconds: float) -> str:
    if not seconds:
        return "0"
    if seconds < 60:
        return f"{seconds:g} s"
    if seconds >= 2 * _HOUR:
        return f"{seconds / _HOUR:g} h" if seconds < 2 * _DAY else f"{seconds / _DAY:g} days"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min" if not rest else f"{minutes}:{rest:02d} min"


def _causes(ask: Ask, set_id: str) -> list[dict[str, str]]:
    """The commits of users that the set began with."""
    whole = pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=set_id))
    made = islice(ask.client.pfs.InspectCommitSet(whole), _MOST_COMMITS)  # upstream first
    return [
        {
            "project": info.commit.repo.project.name,
            "repo": info.commit.repo.name,
            "type": info.commit.repo.type,
            "description": info.description,
        }
        for info in made
        if info.origin.kind == pfs.USER and info.commit.id == set_id and info.commit.repo.type != "meta"
    ]
