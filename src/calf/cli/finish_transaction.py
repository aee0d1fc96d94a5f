"""pachctl finish transaction."""

from __future__ import annotations

import click

from calf.cli.active_transaction import choose, leave
from calf.cli.session import Session
from calf.wire.messages import transaction


@click.command("transaction")
@click.argument("id_", metavar="[TRANSACTION]", required=False)
@click.pass_obj
def command(session: Session, id_: str | None) -> None:
    """Do all that a transaction asks for, by default the active one.

    When something fails, nothing is done, and the transaction stays open.
    """
    chosen = choose(session, id_)
    request = transaction.FinishTransactionRequest(transaction=transaction.Transaction(id=chosen))
    info = session.client.transaction.FinishTransaction(request)
    leave(session, chosen)
    click.echo(f"Completed transaction with {len(info.requests)} requests: {chosen}")
