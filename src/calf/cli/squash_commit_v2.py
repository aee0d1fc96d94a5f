"""pachctl squash commitV2."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("commitV2")
@click.argument("commit", metavar="REPO@COMMIT")
@click.option("-r", "--recursive", is_flag=True, help="Also the commits that were computed from it.")
@project_option
@click.pass_obj
def command(session: Session, commit: str, recursive: bool, project: str | None) -> None:
    """Remove one commit, and keep its data in its child.

    \b
    pachctl squash commitV2 images@ID --recursive
    """
    target = refs.commit(commit, session.project(project))
    session.client.pfs.SquashCommit(pfs.SquashCommitRequest(commit=target, recursive=recursive))
