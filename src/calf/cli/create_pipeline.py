"""pachctl create pipeline."""

from __future__ import annotations

import json

import click

from calf.cli.session import Session, project_option
from calf.cli.spec_files import SpecDocument, read_specs, spec_file_option
from calf.wire.messages import Message, pps


@click.command("pipeline")
@spec_file_option
@click.option("--dry-run", is_flag=True, help="Check and show what would be created, and create nothing.")
@project_option
@click.pass_obj
def command(session: Session, source: str, dry_run: bool, project: str | None) -> None:
    """Create the pipelines of a spec file, in its order.

    \b
    pachctl create pipeline -f pipelines/ingest.yaml
    """
    for spec in read_specs(source, session.project(project)):
        submit(session, spec, pps.CreatePipelineV2Request(dry_run=dry_run))


def submit(session: Session, spec: SpecDocument, request: Message) -> None:
    """Send one spec with the flags of `request`; a dry run shows the effective spec."""
    from calf.model.errors import CalfError

    request.create_pipeline_request_json = spec.json
    try:
        response = session.client.pps.CreatePipelineV2(request)
    except CalfError as error:
        error.message = f"{spec.where(error.field)}: {error.message}"
        raise
    if request.dry_run:
        click.echo(json.dumps(json.loads(response.effective_create_pipeline_request_json), indent=2))
