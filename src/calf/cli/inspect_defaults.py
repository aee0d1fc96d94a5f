"""pachctl inspect defaults."""

from __future__ import annotations

import json

import click

from calf.cli.session import Session
from calf.cli.set_defaults import get_defaults, whose_options


@click.command("defaults")
@whose_options
@click.pass_obj
def command(session: Session, cluster: bool, project: str | None) -> None:
    """Show the defaults of a project, or with --cluster those of all, as JSON."""
    text = get_defaults(session, cluster=cluster, project=project)
    click.echo(json.dumps(json.loads(text or "{}"), indent=2, ensure_ascii=False))
