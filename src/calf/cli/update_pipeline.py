"""pachctl update pipeline."""

from __future__ import annotations

import click

from calf.cli.push_images import push_images_options
from calf.cli.session import Session, project_option
from calf.cli.spec_files import read_specs
from calf.cli.spec_text import SpecSource, spec_options
from calf.cli.submit_spec import submit
from calf.wire.messages import pps


@click.command("pipeline")
@spec_options
@click.option("--reprocess", is_flag=True, help="Run every datum anew.")
@click.option("--dry-run", is_flag=True, help="Check and show what would change, and change nothing.")
@push_images_options
@project_option
@click.pass_obj
def command(
    session: Session, source: SpecSource, reprocess: bool, dry_run: bool, project: str | None
) -> None:
    """Make new versions of the pipelines of a spec file; one that is not there is created.

    Says how many datums will run again and why.

    \b
    pachctl update pipeline -f pipelines/3-train.yaml
    pachctl update pipeline -f pipelines/3-train.yaml --dry-run
    """
    for spec in read_specs(session, source, session.project(project)):
        submit(session, spec, pps.CreatePipelineV2Request(update=True, reprocess=reprocess, dry_run=dry_run))
