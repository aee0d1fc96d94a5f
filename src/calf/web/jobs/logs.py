"""What a pipeline, a job or a datum printed: searched, read backwards, followed."""

from __future__ import annotations

from calf.model.errors import InvalidArgument
from calf.views.states import job_state
from calf.views.words import many
from calf.web import links
from calf.web.jobs.datums import crumbs
from calf.web.jobs.log_reading import LEVELS, Before, LogPlace, LogQuery, read_page
from calf.web.jobs.shapes import ENDED, job_of
from calf.web.pages import Ask, Page
from calf.web.shaping import short
from calf.wire.messages import pps

_LONGEST_FIND = 300
_LEVEL_WORDS = {"stage": "what the stage printed", "problems": "errors and warnings"}


def show_logs(ask: Ask) -> Page:
    """A page of lines, the newest last."""
    project, name = ask.project, ask.path["pipeline"]
    place = LogPlace(project, name, ask.text("job"), ask.text("datum"))
    wanted = _wanted(ask)
    found = read_page(ask.client, place, wanted)
    older = found.older
    data = {
        "pipeline": name,
        "job": place.job,
        "datum": place.datum,
        "find": wanted.find,
        "level": wanted.level,
        "levels": {level: _LEVEL_WORDS[level] for level in LEVELS},
        "paged": bool(wanted.before.time),
        "running": not place.job or _runs(ask, place),
        "lines": found.lines,
        "looked_at": _looked_at(place, wanted, found.looked_at),
        "older": links.logs(
            project,
            name,
            place.job,
            place.datum,
            wanted.find,
            level=wanted.level,
            before=older.time,
            skip=older.skip or None,
            of=older.job,
        )
        if older
        else "",
    }
    return Page(
        "jobs/logs.html", f"Logs of {name}", data, crumbs(project, name, place.job), section="pipelines"
    )


def _wanted(ask: Ask) -> LogQuery:
    level, find = ask.text("level"), ask.text("find")
    if level and level not in LEVELS:
        raise InvalidArgument(f"there is no level {level[:40]!r}", f"levels are {', '.join(LEVELS)}")
    if len(find) > _LONGEST_FIND or not find.isprintable():
        raise InvalidArgument("what to find is too long, or no text of one line", "")
    skip = ask.number("skip", 1, 10**6) if ask.text("skip") else 0
    return LogQuery(find, level, Before(ask.text("before"), skip, ask.text("of")))


def _looked_at(place: LogPlace, wanted: LogQuery, jobs: int) -> str:
    """Among which lines it was looked for."""
    which = _LEVEL_WORDS.get(wanted.level, "all lines")
    if place.datum:
        return f"{which} of datum {short(place.datum)}"
    if place.job:
        return f"{which} of job {short(place.job)}"
    older = "older" if wanted.before.time else "newest"
    return f"{which} of the {older} {many(jobs, 'job')}"


def _runs(ask: Ask, place: LogPlace) -> bool:
    job = job_of(place.project, place.pipeline, place.job)
    info = ask.client.pps.InspectJob(pps.InspectJobRequest(job=job))
    return job_state(info.state) not in ENDED
