"""Words in the logs of the newest jobs, the last line that has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from calf.model.errors import CalfError
from calf.views.words import shorten
from calf.web import links
from calf.web.jobs.log_reading import LogPlace, LogQuery, read_page
from calf.web.jobs.shapes import pipeline_of
from calf.web.searching.found import Found, Search, found
from calf.wire.messages import pfs, pps

_JOBS = 50
_SHORTEST = 3
_LONGEST = 120
_LOOKS = 0.2
"""Seconds for a job: an older Pachyderm sends all that it ever printed."""


def find_lines(search: Search, pipelines: Sequence[str], seconds: float) -> Iterator[Found]:
    """A row for each of the newest jobs that printed the text, one a pipeline."""
    if len(search.text) < _SHORTEST or not pipelines:
        return
    try:
        jobs, is_all = _newest(search)
    except CalfError:
        search.left_out.append("logs")
        return
    missed = []
    for name in (*jobs, *(each for each in pipelines if each not in jobs and not is_all)):
        try:
            if search.is_late(seconds):
                missed.append(name)
            elif job := jobs.get(name) or _newest_of(search, name):
                yield from _in_job(search, name, job)
        except CalfError:
            missed.append(name)
    search.leave_out("logs of", missed)


def _in_job(search: Search, name: str, job: str) -> Iterator[Found]:
    place = LogPlace(search.project, name, job)
    page = read_page(search.soon(_LOOKS), place, LogQuery(search.text, number=1))
    if page.lines:
        link = links.logs(search.project, name, job, find=search.text)
        yield found("log", f"{name}@{job[:8]}", link, shorten(str(page.lines[-1]["text"]), _LONGEST))


def _newest(search: Search) -> tuple[dict[str, str], bool]:
    """The newest job of each pipeline that has one among the last ones of all, and whether those were all."""
    request = pps.ListJobRequest(projects=[pfs.Project(name=search.project)], number=_JOBS)
    listed = list(islice(search.soon().pps.ListJob(request), _JOBS))
    jobs = {info.job.pipeline.name: str(info.job.id) for info in reversed(listed)}
    return dict(reversed(jobs.items())), len(listed) < _JOBS


def _newest_of(search: Search, name: str) -> str:
    """The newest job of one pipeline; empty where it has none."""
    request = pps.ListJobRequest(pipeline=pipeline_of(search.project, name), number=1)
    return next((str(info.job.id) for info in search.soon().pps.ListJob(request)), "")
