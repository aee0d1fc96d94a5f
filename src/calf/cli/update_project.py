"""pachctl update project."""

from __future__ import annotations

import click

from calf.cli.session import Session
from calf.wire.messages import pfs


@click.command("project")
@click.argument("name")
@click.option("-d", "--description", required=True, help="The new description.")
@click.pass_obj
def command(session: Session, name: str, description: str) -> None:
    """Change a project's description."""
    session.client.pfs.CreateProject(
        pfs.CreateProjectRequest(project=pfs.Project(name=name), description=description, update=True)
    )
