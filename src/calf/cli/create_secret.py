"""pachctl create secret."""

from __future__ import annotations

import json

import click

from calf.cli.session import Session
from calf.cli.spec_text import SpecSource
from calf.wire.messages import pps


@click.command("secret")
@click.option(
    "-f", "--file", "source", required=True, metavar="FILE", help="A Kubernetes Secret, JSON or YAML."
)
@click.pass_obj
def command(session: Session, source: str) -> None:
    """Store a secret, for pipelines to name in transform.secrets. Nobody can read it back.

    \b
    pachctl create secret -f credentials.yaml
    """
    from calf.kit.strict_yaml import load_all
    from calf.model.errors import InvalidSpec

    name, text = SpecSource(source).read_here()
    documents = load_all(text, name)
    if not documents:
        raise InvalidSpec(
            f"{name} holds no secret", 'a secret begins with "apiVersion: v1" and "kind: Secret"'
        )
    for document in documents:
        session.client.pps.CreateSecret(pps.CreateSecretRequest(file=json.dumps(document.value).encode()))
