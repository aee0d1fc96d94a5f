"""pachctl delete all."""

from __future__ import annotations

import click

from calf.cli.confirm import confirm
from calf.cli.session import Session
from calf.model.errors import Unimplemented
from calf.wire.messages import google


@click.command("all")
@click.pass_obj
def command(session: Session) -> None:
    """Delete everything: all pipelines, repos and projects."""
    client = session.client
    confirm(f"Delete everything on {session.address}: all projects, repos, commits, pipelines and jobs?")
    client.pps.DeleteAll(google.Empty())
    client.pfs.DeleteAll(google.Empty())
    try:
        client.transaction.DeleteAll(_transactions())
    except Unimplemented:
        return  # a server without transactions has none to delete


def _transactions() -> object:
    from calf.wire.messages import transaction

    return transaction.DeleteAllRequest()
