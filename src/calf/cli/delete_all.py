"""pachctl delete all."""

from __future__ import annotations

import click

from calf.cli.confirm import confirm
from calf.cli.session import Session
from calf.wire.messages import google, transaction


@click.command("all")
@click.pass_obj
def command(session: Session) -> None:
    """Delete everything: all pipelines, repos and projects."""
    client = session.client
    confirm(f"Delete everything on {session.address}: all projects, repos, commits, pipelines and jobs?")
    client.pps.DeleteAll(google.Empty())
    client.pfs.DeleteAll(google.Empty())
    client.transaction.DeleteAll(transaction.DeleteAllRequest())
