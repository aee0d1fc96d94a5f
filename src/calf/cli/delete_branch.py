"""pachctl delete branch."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("branch")
@click.argument("branch", metavar="REPO@BRANCH")
@click.option("-f", "--force", is_flag=True, help="Also when others depend on it.")
@project_option
@click.pass_obj
def command(session: Session, branch: str, force: bool, project: str | None) -> None:
    """Delete a branch; its commits stay.

    \b
    pachctl delete branch images@staging
    """
    target = refs.branch(branch, session.project(project))
    session.client.pfs.DeleteBranch(pfs.DeleteBranchRequest(branch=target, force=force))
