"""pachctl delete secret."""

from __future__ import annotations

import click

from calf.cli.session import Session
from calf.wire.messages import pps


@click.command("secret")
@click.argument("name")
@click.pass_obj
def command(session: Session, name: str) -> None:
    """Delete a secret."""
    session.client.pps.DeleteSecret(pps.DeleteSecretRequest(secret=pps.Secret(name=name)))
