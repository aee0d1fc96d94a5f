"""pachctl delete transaction."""

from __future__ import annotations

import click

from calf.cli.active_transaction import choose, leave
from calf.cli.session import Session
from calf.wire.messages import transaction


@click.command("transaction")
@click.argument("id_", metavar="[TRANSACTION]", required=False)
@click.pass_obj
def command(session: Session, id_: str | None) -> None:
    """Drop an open transaction, by default the active one: nothing of it happens."""
    chosen = choose(session, id_)
    request = transaction.DeleteTransactionRequest(transaction=transaction.Transaction(id=chosen))
    session.client.transaction.DeleteTransaction(request)
    leave(session, chosen)
