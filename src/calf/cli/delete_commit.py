"""pachctl delete commit."""

from __future__ import annotations

import click

from calf.cli.confirm import confirm_at_terminal
from calf.cli.session import Session, project_option
from calf.cli.set_ids import only_set_id
from calf.wire.messages import pfs


@click.command("commit")
@click.argument("commit_set", metavar="ID")
@project_option
@click.pass_obj
def command(session: Session, commit_set: str, project: str | None) -> None:
    """Remove all commits of a set with their data; none of them may have a child.

    Branches fall back to the parents, jobs that make these commits are stopped.

    \b
    pachctl delete commit ID
    """
    only_set_id(session, commit_set, "delete commit", project)
    confirm_at_terminal(f"Delete all commits of {commit_set} and what they brought?")
    session.client.pfs.DropCommitSet(pfs.DropCommitSetRequest(commit_set=pfs.CommitSet(id=commit_set)))
