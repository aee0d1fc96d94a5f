"""pachctl stop transaction."""

from __future__ import annotations

import click

from calf.cli.active_transaction import choose, keep
from calf.cli.session import Session


@click.command("transaction")
@click.pass_obj
def command(session: Session) -> None:
    """Leave the active transaction open, and add no more to it (`pachctl resume transaction` goes on)."""
    id_ = choose(session, None)
    keep(session, "")
    click.echo(f"Cleared active transaction: {id_}")
