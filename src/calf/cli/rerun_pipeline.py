"""pachctl rerun pipeline."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.plan import plan_rerun
from calf.cli.session import Session, project_option
from calf.cli.submit_spec import report
from calf.model.errors import Unimplemented
from calf.wire.messages import Message, pps


@click.command("pipeline")
@click.argument("pipeline")
@click.option("--reprocess", is_flag=True, help="Run every datum anew, not only those that failed.")
@project_option
@click.pass_obj
def command(session: Session, pipeline: str, reprocess: bool, project: str | None) -> None:
    """Run a pipeline again, with the same spec, on what its inputs are now.

    Says how many datums will run again and why.
    """
    target = refs.pipeline(pipeline, session.project(project))
    plan = _foretell(session, target, reprocess)
    session.client.pps.RerunPipeline(pps.RerunPipelineRequest(pipeline=target, reprocess=reprocess))
    if plan is not None:
        report(f"{target.project.name}/{target.name}", plan)


def _foretell(session: Session, pipeline: Message, reprocess: bool) -> Message | None:
    """What will run, as our server tells; None from any other."""
    try:
        request = plan_rerun(session, pipeline, reprocess=reprocess)
        return next(session.client.call("/calf_pps_v1.API/Plan", request)).summary
    except Unimplemented:
        return None
