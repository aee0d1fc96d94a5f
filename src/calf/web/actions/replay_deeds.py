"""Replays: begun and stopped."""

from __future__ import annotations

from calf.model.errors import CalfError, Category, InvalidArgument
from calf.web import links
from calf.web.actions.posting import Deed
from calf.web.actions.replays import Replays, Wanted
from calf.web.jobs.shapes import job_of
from calf.wire.messages import pps


def replay_job(replays: Replays, deed: Deed) -> str:
    """Begin to replay a job."""
    project, name, job_id = deed.ask.project, deed.ask.path["pipeline"], deed.ask.path["job"]
    info = deed.ask.client.pps.InspectJob(pps.InspectJobRequest(job=job_of(project, name, job_id)))
    wanted = Wanted(
        project,
        f"{name}@{job_id[:8]}",
        [info.job],
        anyway=bool(deed.form.get("anyway")),
        keep=bool(deed.form.get("keep")),
    )
    return links.replay(project, replays.begin(wanted, deed.patient))


def replay_set(replays: Replays, deed: Deed) -> str:
    """Begin to replay all jobs behind a commit set."""
    project, set_id = deed.ask.project, deed.ask.path["set"]
    whole = pps.InspectJobSetRequest(job_set=pps.JobSet(id=set_id))
    jobs = [info.job for info in deed.ask.client.pps.InspectJobSet(whole)]
    if not jobs:
        raise InvalidArgument(f"no job belongs to commit set {set_id}", "")
    wanted = Wanted(project, f"all behind {set_id[:8]}", jobs, behind=True)
    return links.replay(project, replays.begin(wanted, deed.patient))


def stop_replay(replays: Replays, deed: Deed) -> str:
    """End a replay: its run is killed, and goes."""
    found = replays.get(deed.ask.project, deed.ask.path["replay"])
    found.stopped = True
    for part in found.parts:
        if part.again is not None and part.step == "running":
            try:
                deed.ask.client.pps.StopJob(pps.StopJobRequest(job=part.again, reason="job stopped"))
            except CalfError as error:
                if error.category not in (Category.NOT_FOUND, Category.STATE):
                    raise  # else it has just ended by itself
    return links.replay(deed.ask.project, found.id)
