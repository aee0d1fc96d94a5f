"""pachctl list transaction."""

from __future__ import annotations

import click

from calf.cli.output import Output, output_options
from calf.cli.session import Session
from calf.views.words import moment
from calf.wire.messages import transaction


@click.command("transaction")
@output_options
@click.pass_obj
def command(session: Session, output: Output) -> None:
    """List the open transactions."""
    infos = session.client.transaction.ListTransaction(transaction.ListTransactionRequest())
    output.records(
        ("TRANSACTION", "STARTED", "OPS"),
        infos.transaction_info,
        lambda info: (
            info.transaction.id,
            moment(info.started, full=output.full_timestamps),
            str(len(info.requests)),
        ),
    )
