"""pachctl finish commit."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("commit")
@click.argument("commit", metavar="REPO@COMMIT")
@click.option(
    "-m",
    "--message",
    "--description",
    "description",
    default="",
    help="What it is about; replaces the first one.",
)
@click.option("-f", "--force", is_flag=True, help="Also a pipeline's output commit.")
@project_option
@click.pass_obj
def command(session: Session, commit: str, description: str, force: bool, project: str | None) -> None:
    """Finish a commit; from then on it never changes.

    \b
    pachctl finish commit images@master
    """
    target = refs.commit(commit, session.project(project))
    session.client.pfs.FinishCommit(
        pfs.FinishCommitRequest(commit=target, description=description, force=force)
    )
