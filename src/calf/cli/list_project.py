"""pachctl list project."""

from __future__ import annotations

import click

from calf.cli.output import Output, output_options
from calf.cli.session import Session
from calf.views.words import moment
from calf.wire.messages import pfs


@click.command("project")
@output_options
@click.pass_obj
def command(session: Session, output: Output) -> None:
    """List the projects; the current one has a star."""
    infos = session.client.pfs.ListProject(pfs.ListProjectRequest())
    current = session.project(None)
    output.records(
        ("ACTIVE", "PROJECT", "CREATED", "DESCRIPTION"),
        infos,
        lambda info: (
            "*" if info.project.name == current else "",
            info.project.name,
            moment(info.created_at, full=output.full_timestamps),
            info.description,
        ),
    )
