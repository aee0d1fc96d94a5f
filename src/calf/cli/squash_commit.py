"""pachctl squash commit."""

from __future__ import annotations

import click

from calf.cli.session import Session
from calf.wire.messages import pfs


@click.command("commit")
@click.argument("commit_set", metavar="ID")
@click.pass_obj
def command(session: Session, commit_set: str) -> None:
    """Remove all commits of a set and keep their data, which their children hold.

    Every commit of the set must have a finished child; `pachctl delete commit` removes the newest.

    \b
    pachctl squash commit ID
    """
    session.client.pfs.SquashCommitSet(pfs.SquashCommitSetRequest(commit_set=pfs.CommitSet(id=commit_set)))
