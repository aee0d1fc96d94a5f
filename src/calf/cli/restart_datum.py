"""pachctl restart datum."""

from __future__ import annotations

import click

from calf.cli.job_at import job_at
from calf.cli.session import Session, project_option
from calf.wire.messages import pps


@click.command("datum")
@click.argument("job", metavar="PIPELINE@JOB")
@click.argument("files", metavar="FILE1,FILE2,...")
@project_option
@click.pass_obj
def command(session: Session, job: str, files: str, project: str | None) -> None:
    """Restart the running datum that has all of these files (paths or hashes)."""
    filters = [name for name in files.split(",") if name]
    target = job_at(session, job, project)
    session.client.pps.RestartDatum(pps.RestartDatumRequest(job=target, data_filters=filters))
