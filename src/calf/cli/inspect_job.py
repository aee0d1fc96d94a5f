"""pachctl inspect job."""

from __future__ import annotations

import click

from calf.cli.job_at import job_at
from calf.cli.job_rows import show_job
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.wire.messages import pps


@click.command("job")
@click.argument("job", metavar="PIPELINE@JOB")
@project_option
@output_options
@click.pass_obj
def command(session: Session, job: str, project: str | None, output: Output) -> None:
    """Show a job: how it ended and why, what it read, what it ran."""
    if "@" not in job:
        raise click.UsageError('Use "list job <id>" to see jobs with a given ID across different pipelines')
    request = pps.InspectJobRequest(job=job_at(session, job, project), details=True)
    show_job(session.client, session.client.pps.InspectJob(request), output)
