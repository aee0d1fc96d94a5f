"""pachctl update pipeline."""

from __future__ import annotations

import click

from calf.cli.create_pipeline import submit
from calf.cli.session import Session, project_option
from calf.cli.spec_files import read_specs, spec_file_option
from calf.wire.messages import pps


@click.command("pipeline")
@spec_file_option
@click.option("--reprocess", is_flag=True, help="Run every datum anew.")
@click.option("--dry-run", is_flag=True, help="Check and show what would be created, and change nothing.")
@project_option
@click.pass_obj
def command(session: Session, source: str, reprocess: bool, dry_run: bool, project: str | None) -> None:
    """Make new versions of the pipelines of a spec file; one that is not there is created."""
    for spec in read_specs(source, session.project(project)):
        submit(session, spec, pps.CreatePipelineV2Request(update=True, reprocess=reprocess, dry_run=dry_run))
