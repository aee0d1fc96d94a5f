"""pachctl inspect project."""

from __future__ import annotations

import click

from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.session import Session
from calf.cli.words import moment, printable
from calf.wire.messages import pfs


@click.command("project")
@click.argument("name")
@output_options
@click.pass_obj
def command(session: Session, name: str, output: Output) -> None:
    """Show a project."""
    info = session.client.pfs.InspectProject(pfs.InspectProjectRequest(project=pfs.Project(name=name)))
    if output.raw:
        output.documents([info])
        return
    print_labels(
        [
            ("Name", info.project.name),
            ("Description", printable(info.description)),
            ("Created", moment(info.created_at, full=output.full_timestamps)),
        ]
    )
