"""pachctl delete commitV2."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.confirm import confirm_at_terminal
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("commitV2")
@click.argument("commit", metavar="REPO@COMMIT")
@click.option("-r", "--recursive", is_flag=True, help="Also the commits that were computed from it.")
@project_option
@click.pass_obj
def command(session: Session, commit: str, recursive: bool, project: str | None) -> None:
    """Remove one commit with its data; it may have no child.

    \b
    pachctl delete commitV2 images@ID --recursive
    """
    target = refs.commit(commit, session.project(project))
    confirm_at_terminal(f"Delete {commit} and what it brought?")
    session.client.pfs.DropCommit(pfs.DropCommitRequest(commit=target, recursive=recursive))
