"""pachctl run cron."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pps


@click.command("cron")
@click.argument("pipeline")
@project_option
@click.pass_obj
def command(session: Session, pipeline: str, project: str | None) -> None:
    """Tick every cron input of a pipeline now, without waiting for its time.

    \b
    pachctl run cron nightly
    """
    target = refs.pipeline(pipeline, session.project(project))
    session.client.pps.RunCron(pps.RunCronRequest(pipeline=target))
