"""pachctl create project."""

from __future__ import annotations

import click

from calf.cli.session import Session
from calf.wire.messages import pfs


@click.command("project")
@click.argument("name")
@click.option("-d", "--description", default="", help="What it is for.")
@click.pass_obj
def command(session: Session, name: str, description: str) -> None:
    """Create a project, a namespace of repos and pipelines.

    \b
    pachctl create project lab
    pachctl config update context --project lab
    """
    session.client.pfs.CreateProject(
        pfs.CreateProjectRequest(project=pfs.Project(name=name), description=description)
    )
