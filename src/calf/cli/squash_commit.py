"""pachctl squash commit."""

from __future__ import annotations

import click

from calf.cli.session import Session, project_option
from calf.cli.set_ids import only_set_id
from calf.wire.messages import pfs


@click.command("commit")
@click.argument("commit_set", metavar="ID")
@project_option
@click.pass_obj
def command(session: Session, commit_set: str, project: str | None) -> None:
    """Remove all commits of a set and keep their data, which their children hold.

    Every commit of the set must have a finished child; `pachctl delete commit` removes the newest.

    \b
    pachctl squash commit ID
    """
    only_set_id(session, commit_set, "squash commit", project)
    session.client.pfs.SquashCommitSet(pfs.SquashCommitSetRequest(commit_set=pfs.CommitSet(id=commit_set)))
