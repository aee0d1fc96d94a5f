"""pachctl inspect secret."""

from __future__ import annotations

import click

from calf.cli.labels import print_labels
from calf.cli.session import Session
from calf.views.words import moment
from calf.wire.messages import pps


@click.command("secret")
@click.argument("name")
@click.pass_obj
def command(session: Session, name: str) -> None:
    """Show a secret's name, type and age; its values are never shown."""
    info = session.client.pps.InspectSecret(pps.InspectSecretRequest(secret=pps.Secret(name=name)))
    labels = (("Name", info.secret.name), ("Type", info.type), ("Created", moment(info.creation_timestamp)))
    print_labels(labels)
