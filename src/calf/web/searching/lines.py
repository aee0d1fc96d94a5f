"""Words in the logs of the newest jobs, the last line that has them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from calf.model.errors import CalfError
from calf.views.words import shorten
from calf.web import links
from calf.web.jobs.log_reading import LogPlace, LogQuery, read_page
from calf.web.searching.found import Found, Search, found
from calf.wire.messages import pfs, pps

_JOBS = 50
_SHORTEST = 3
_LONGEST = 120
_LOOKS = 0.2
"""Seconds for a job: an older Pachyderm sends all that it ever printed."""


def find_lines(search: Search, seconds: float) -> Iterator[Found]:
    """A row for each of the newest jobs that printed the text, one a pipeline."""
    if len(search.text) < _SHORTEST:
        return
    jobs, missed = _newest(search), []
    for name, job in jobs.items():
        if search.is_late(seconds):
            missed.append(name)
            continue
        try:
            client = search.soon(_LOOKS)
            page = read_page(client, LogPlace(search.project, name, job), LogQuery(search.text, number=1))
        except CalfError:
            missed.append(name)
            continue
        if page.lines:
            link = links.logs(search.project, name, job, find=search.text)
            yield found("log", f"{name}@{job[:8]}", link, shorten(str(page.lines[-1]["text"]), _LONGEST))
    search.leave_out("logs of", missed)


def _newest(search: Search) -> dict[str, str]:
    request = pps.ListJobRequest(projects=[pfs.Project(name=search.project)], number=_JOBS)
    found_jobs: dict[str, str] = {}
    try:
        for info in islice(search.soon().pps.ListJob(request), _JOBS):
            found_jobs.setdefault(info.job.pipeline.name, info.job.id)
    except CalfError:
        search.left_out.append("logs")
    return found_jobs
