"""pachctl start commit."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("commit")
@click.argument("branch", metavar="REPO@BRANCH")
@click.option("-m", "--message", "--description", "description", default="", help="What it is about.")
@click.option(
    "-p",
    "--parent",
    default="",
    metavar="COMMIT",
    help="The commit to go on from; default: the branch's head.",
)
@project_option
@click.pass_obj
def command(session: Session, branch: str, description: str, parent: str, project: str | None) -> None:
    """Start a commit on REPO@BRANCH and print its id.

    \b
    pachctl start commit images@master -m "second delivery"
    """
    where = session.project(project)
    target = refs.branch(branch, where)
    request = pfs.StartCommitRequest(branch=target, description=description)
    if parent:
        request.parent.CopyFrom(refs.commit(f"{target.repo.name}@{parent.rpartition('@')[2]}", where))
    click.echo(session.client.pfs.StartCommit(request).id)
