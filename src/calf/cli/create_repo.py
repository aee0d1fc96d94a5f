"""pachctl create repo."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("repo")
@click.argument("name")
@click.option("-d", "--description", default="", help="What it holds.")
@project_option
@click.pass_obj
def command(session: Session, name: str, description: str, project: str | None) -> None:
    """Create a repo.

    \b
    pachctl create repo images -d "photos as they came"
    """
    repo = refs.repo(name, session.project(project))
    session.client.pfs.CreateRepo(pfs.CreateRepoRequest(repo=repo, description=description))
