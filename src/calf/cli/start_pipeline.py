"""pachctl start pipeline."""

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
    """Start a stopped pipeline: one job on what its inputs are now."""
    target = refs.pipeline(pipeline, session.project(project))
    session.client.pps.StartPipeline(pps.StartPipelineRequest(pipeline=target))
