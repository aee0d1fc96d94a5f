"""pachctl rerun pipeline."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pps


@click.command("pipeline")
@click.argument("pipeline")
@click.option("--reprocess", is_flag=True, help="Run every datum anew, not only those that failed.")
@project_option
@click.pass_obj
def command(session: Session, pipeline: str, reprocess: bool, project: str | None) -> None:
    """Run a pipeline again, with the same spec, on what its inputs are now."""
    target = refs.pipeline(pipeline, session.project(project))
    session.client.pps.RerunPipeline(pps.RerunPipelineRequest(pipeline=target, reprocess=reprocess))
