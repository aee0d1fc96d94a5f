"""pachctl resume transaction."""

from __future__ import annotations

import click

from calf.cli.active_transaction import keep
from calf.cli.session import Session
from calf.wire.messages import transaction


@click.command("transaction")
@click.argument("id_", metavar="TRANSACTION")
@click.pass_obj
def command(session: Session, id_: str) -> None:
    """Go on with an open transaction: make it the active one."""
    request = transaction.InspectTransactionRequest(transaction=transaction.Transaction(id=id_))
    info = session.client.transaction.InspectTransaction(request)
    keep(session, id_)
    click.echo(f"Resuming existing transaction with {len(info.requests)} requests: {id_}")
