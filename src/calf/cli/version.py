"""pachctl version."""

from __future__ import annotations

from importlib import metadata

import click

from calf.cli.output import Output, output_options
from calf.cli.session import Session
from calf.cli.table import print_table
from calf.wire.messages import Message, google


@click.command("version")
@click.option("--client-only", is_flag=True, help="Do not ask the server.")
@output_options
@click.pass_obj
def command(session: Session, client_only: bool, output: Output) -> None:
    """Show the version of this client and of the server."""
    rows = [("pachctl", f"calf {metadata.version('calf')}")]
    if not client_only:
        server = session.client.version.GetVersion(google.Empty())
        if output.raw:
            output.documents([server])
            return
        rows.append(("pachd", _text(server)))
    print_table(("COMPONENT", "VERSION"), rows)


def _text(version: Message) -> str:
    return f"{version.major}.{version.minor}.{version.micro}{version.additional}"
