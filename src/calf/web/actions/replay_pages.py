"""How far a replay is, and what became of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from calf.model.errors import CalfError, NotFound
from calf.web import links
from calf.web.actions.replays import Part, Replay, Replays
from calf.web.jobs.shapes import job_data
from calf.web.pages import Ask, Page
from calf.web.shaping import rfc3339
from calf.wire.messages import pps
from calf.wire.times import write_time

if TYPE_CHECKING:
    from calf.client.connection import Client


def show_replays(replays: Replays, ask: Ask) -> Page:
    """Those that this dashboard was asked for, newest first."""
    found = replays.of_project(ask.project)
    if not found:
        ask.check_project()
    data = {"replays": [_summary(each) for each in found]}
    return Page("jobs/replays.html", "Replays", data, (("Jobs", links.jobs(ask.project)),), True, "jobs")


def show_replay(replays: Replays, ask: Ask) -> Page:
    """One replay, each of its jobs with what became of it."""
    found = replays.get(ask.project, ask.path["replay"])
    parts = [_part(ask.client, part) for part in list(found.parts)]
    data = {"replay": _summary(found), "parts": parts}
    crumbs = (("Jobs", links.jobs(ask.project)), ("Replays", links.replays(ask.project)))
    title = f"Replay of {found.wanted.title}"
    return Page("jobs/replay.html", title, data, crumbs, not found.ended, "jobs")


def picture(replays: Replays, request: Request) -> Response:
    """A picture of recorded, again and the difference, which the comparison drew."""
    found = replays.get(request.path_params["project"], request.path_params["replay"])
    drawn = _pictures(found)
    number = request.path_params["number"]
    if number >= len(drawn):
        raise NotFound("there is no such picture", "go back to the replay")
    return FileResponse(drawn[number], media_type="image/png")


def _pictures(replay: Replay) -> list[Any]:
    """All pictures of a replay, in the order of its jobs."""
    outcomes = [part.outcome for part in replay.parts if part.outcome is not None]
    return [each.picture for outcome in outcomes for each in outcome.shown if each.picture is not None]


def _summary(replay: Replay) -> dict[str, Any]:
    results = Counter(_result(part) for part in replay.parts)
    return {
        "id": replay.id,
        "title": replay.wanted.title,
        "begun": rfc3339(write_time(replay.begun)),
        "ended": rfc3339(write_time(replay.ended)) if replay.ended else "",
        "seconds": round(replay.ended - replay.begun, 3) if replay.ended else None,
        "stopped": replay.stopped,
        "error": replay.error if replay.ended else "",
        "jobs": len(replay.parts),
        "done": sum(part.step == "done" for part in replay.parts),
        "signed": all(part.outcome is not None and bool(part.outcome.signed) for part in replay.parts),
        "reproduced": sum(_is_reproduced(part) for part in replay.parts),
        "results": dict(results),
        "pictures": [
            links.replay_picture(replay.wanted.project, replay.id, number)
            for number in range(len(_pictures(replay)))
        ],
    }


def _is_reproduced(part: Part) -> bool:
    from calf.model.statement.replays import REPRODUCED

    return _result(part) == REPRODUCED


def _result(part: Part) -> str:
    if part.outcome is not None:
        return part.outcome.result if part.outcome.ran else "not run"
    return "stopped" if part.stopped else "not run" if part.error else part.step


def _part(client: Client, part: Part) -> dict[str, Any]:
    from calf.views.replay.words import words

    outcome = part.outcome
    return {
        "project": part.job.pipeline.project.name,
        "pipeline": part.job.pipeline.name,
        "job": part.job.id,
        "step": part.step,
        "result": _result(part),
        "error": part.error,
        "run": _run(client, part) if part.step == "running" else None,
        "digest": part.digest,
        "words": list(words(outcome)) if outcome is not None else [],
        "outcome": outcome.document() if outcome is not None else None,
    }


def _run(client: Client, part: Part) -> dict[str, Any] | None:
    """The new run as it goes; None when it has just ended and gone."""
    if part.again is None:
        return None
    try:
        return job_data(client.pps.InspectJob(pps.InspectJobRequest(job=part.again)))
    except CalfError:
        return None
