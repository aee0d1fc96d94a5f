"""pachctl create pipeline."""

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
@click.option("--dry-run", is_flag=True, help="Check and show what would be created, and create nothing.")
@push_images_options
@project_option
@click.pass_obj
def command(session: Session, source: SpecSource, dry_run: bool, project: str | None) -> None:
    """Create the pipelines of a spec file, in its order.

    \b
    pachctl create pipeline -f pipelines/1-ingest.yaml
    pachctl create pipeline --jsonnet edges.jsonnet --arg suffix=a --arg src=images
    """
    for spec in read_specs(session, source, session.project(project)):
        submit(session, spec, pps.CreatePipelineV2Request(dry_run=dry_run))
