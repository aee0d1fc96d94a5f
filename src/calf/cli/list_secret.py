"""pachctl list secret."""

from __future__ import annotations

import click

from calf.cli.session import Session
from calf.cli.table import print_table
from calf.views.words import moment
from calf.wire.messages import google


@click.command("secret")
@click.pass_obj
def command(session: Session) -> None:
    """List the secrets; their values are never shown."""
    found = session.client.pps.ListSecret(google.Empty()).secret_info
    rows = ((info.secret.name, info.type, moment(info.creation_timestamp)) for info in found)
    print_table(("NAME", "TYPE", "CREATED"), rows)
