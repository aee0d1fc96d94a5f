"""pachctl wait job."""

from __future__ import annotations

from functools import partial

import click

from calf.cli import refs
from calf.cli.job_at import job_at
from calf.cli.job_rows import exit_code, show_job, show_jobs
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.waiting import key_of, telling, what_is_open
from calf.wire.messages import pps


@click.command("job")
@click.argument("job", metavar="ID | PIPELINE@ID")
@project_option
@output_options
@click.pass_obj
def command(session: Session, job: str, project: str | None, output: Output) -> int:
    """Wait until a job, or all jobs of a set, have ended.

    Exits with 0 when all succeeded, 20 when one failed, 21 when one was stopped.
    """
    if "@" in job:
        target = job_at(session, job, project)
        request = pps.InspectJobRequest(job=target, wait=True, details=True)
        with telling(partial(what_is_open, session.client, target.id, key_of(target.pipeline))):
            info = session.client.pps.InspectJob(request)
        show_job(session.client, info, output)
        return exit_code([info])
    whole = pps.InspectJobSetRequest(job_set=pps.JobSet(id=refs.set_id(job, "ID or PIPELINE@ID")), wait=True)
    with telling(partial(what_is_open, session.client, job)):
        infos = list(session.client.pps.InspectJobSet(whole))
    show_jobs(infos, output)
    for info in infos:
        if info.state == pps.JOB_FAILURE:
            click.echo(f"hint: `pachctl inspect job {info.job.pipeline.name}@{job}` says why", err=True)
    return exit_code(infos)
