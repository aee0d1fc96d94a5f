"""pachctl next datum."""

from __future__ import annotations

import click

from calf.cli.session import Session

_PORT = "PPS_WORKER_GRPC_PORT"


@click.command("datum")
@click.option("--error", default="", metavar="TEXT", help="The datum that ends now failed, and why.")
@click.pass_obj
def command(session: Session, error: str) -> None:
    """Inside a stage with datum_batching: end the datum at hand, and lay out the next in /pfs.

    \b
    while pachctl next datum; do ./work; done
    """
    from calf.client.connection import connect
    from calf.wire.messages import worker

    port = session.environ.get(_PORT)
    if not port:
        raise click.UsageError(
            f"{_PORT} is not set: this is for code of a pipeline with `datum_batching: true`, where it runs"
        )
    with connect(f"localhost:{port}") as client:
        client.call("/pachyderm.worker.Worker/NextDatum", worker.NextDatumRequest(error=error))
