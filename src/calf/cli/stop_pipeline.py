"""pachctl stop pipeline."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pps


@click.command("pipeline")
@click.argument("pipeline")
@project_option
@click.pass_obj
def command(session: Session, pipeline: str, project: str | None) -> None:
    """Stop a pipeline: its jobs are killed, new commits start none."""
    target = refs.pipeline(pipeline, session.project(project))
    session.client.pps.StopPipeline(pps.StopPipelineRequest(pipeline=target, must_exist=True))
