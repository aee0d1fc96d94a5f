"""pachctl stop job."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pps


@click.command("job")
@click.argument("job", metavar="ID | PIPELINE@ID")
@project_option
@click.pass_obj
def command(session: Session, job: str, project: str | None) -> None:
    """Stop a job, or all jobs of a set."""
    if "@" in job:
        jobs = [refs.job(job, session.project(project))]
    else:
        request = pps.InspectJobSetRequest(job_set=pps.JobSet(id=job))
        jobs = [
            info.job for info in session.client.pps.InspectJobSet(request) if not info.HasField("finished")
        ]
    for target in jobs:
        session.client.pps.StopJob(pps.StopJobRequest(job=target, reason="job stopped"))
