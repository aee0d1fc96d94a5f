"""pachctl update repo."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("repo")
@click.argument("name")
@click.option("-d", "--description", required=True, help="The new description.")
@project_option
@click.pass_obj
def command(session: Session, name: str, description: str, project: str | None) -> None:
    """Change a repo's description.

    \b
    pachctl update repo images -d "photos as they came"
    """
    repo = refs.repo(name, session.project(project))
    session.client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo, description=description, update=True))
