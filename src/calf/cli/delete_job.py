"""pachctl delete job."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pps


@click.command("job")
@click.argument("job", metavar="PIPELINE@ID")
@project_option
@click.pass_obj
def command(session: Session, job: str, project: str | None) -> None:
    """Delete the record of a job; its output commit stays."""
    session.client.pps.DeleteJob(pps.DeleteJobRequest(job=refs.job(job, session.project(project))))
