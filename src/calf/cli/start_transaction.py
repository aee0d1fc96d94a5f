"""pachctl start transaction."""

from __future__ import annotations

import click

from calf.cli.active_transaction import active, keep
from calf.cli.session import Session
from calf.model.errors import Precondition
from calf.wire.messages import transaction


@click.command("transaction")
@click.pass_obj
def command(session: Session) -> None:
    """Open a transaction: what follows happens when it is finished, all at once or not at all.

    It gathers: create, update and delete repo; create and delete branch; start, finish and squash commit;
    create, update and edit pipeline; stop job PIPELINE@ID. Everything else is done at once, as ever, and says
    so; files are put between transactions.

    \b
    pachctl start transaction
    pachctl create branch images@master --head staging
    pachctl create branch labels@master --head staging
    pachctl finish transaction
    """
    if open_id := active(session):
        raise Precondition(
            f'cannot start a new transaction, since transaction with ID "{open_id}" already exists',
            "`pachctl finish transaction` does it, `pachctl stop transaction` leaves it for later",
        )
    id_ = session.client.transaction.StartTransaction(transaction.StartTransactionRequest()).id
    keep(session, id_)
    click.echo(f'started new transaction: "{id_}"')
