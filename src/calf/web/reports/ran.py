"""What ran last, and how long each stage took."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.views.states import job_state
from calf.web.dag.nodes import state_of_set
from calf.web.shaping import rfc3339
from calf.wire.messages import Message, pfs, pps

_MOST_JOBS = 500
_SHOWN = 12
_NAMED = 3


def last_runs(client: Client, project: str, report: str) -> list[dict[str, Any]]:
    """The newest commit set with jobs; and the set `report`, which a report came of, if that is another."""
    where = [pfs.Project(name=project)]
    newest = next(iter(client.pps.ListJob(pps.ListJobRequest(projects=where, number=1))), None)
    sets = dict.fromkeys([*([newest.job.id] if newest else []), report])
    found = (_run(client, project, each, each == report) for each in sets)
    return [run for run in found if run]


def _run(client: Client, project: str, set_id: str, is_report: bool) -> dict[str, Any] | None:
    request = pps.InspectJobSetRequest(job_set=pps.JobSet(id=set_id))
    try:
        infos = list(islice(client.pps.InspectJobSet(request), _MOST_JOBS))
    except NotFound:
        return None  # its jobs were deleted
    infos = [info for info in infos if info.job.pipeline.project.name == project]
    jobs = sorted((_job(info) for info in infos), key=lambda each: str(each["started"] or "~"))
    if not jobs:
        return None
    ends = [_moment(info.finished) for info in infos]
    starts = [_moment(info.created) for info in infos if info.created.seconds]
    return {
        "set": set_id,
        "state": state_of_set(Counter(each["state"] for each in jobs)),
        "failed": [each for each in jobs if each["state"] == "failure"][:_NAMED],
        "report": is_report,
        "when": max(each["finished"] for each in jobs) or jobs[0]["started"],
        "seconds": max(0.0, max(ends) - min(starts)) if all(ends) and starts else None,
        "jobs": jobs[:_SHOWN],
        "number": len(jobs),
    }


def _job(info: Message) -> dict[str, Any]:
    started, finished = _moment(info.started), _moment(info.finished)
    return {
        "pipeline": info.job.pipeline.name,
        "job": info.job.id,
        "state": job_state(info.state),
        "started": rfc3339(info.started),
        "finished": rfc3339(info.finished),
        "seconds": round(max(0.0, finished - started), 3) if started and finished else None,
        "processed": int(info.data_processed),
        "skipped": int(info.data_skipped),
        "failed": int(info.data_failed),
        "total": int(info.data_total),
    }


def _moment(stamp: Message) -> float:
    return float(stamp.seconds) + float(stamp.nanos) / 1e9
