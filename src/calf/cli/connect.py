"""pachctl connect."""

from __future__ import annotations

import click

from calf.cli.session import Session


@click.command("connect")
@click.argument("address")
@click.option("--alias", help="The context's name; default: the address.")
@click.pass_obj
def command(session: Session, address: str, alias: str | None) -> None:
    """Choose the server: make a context for its address, and make it the active one. Nothing is sent."""
    from calf.client.config import parse_address, save_config

    target = parse_address(address)
    url = target if target.startswith("unix:") else f"grpc://{target}"
    name = alias or address
    config = session.config.with_context(name, {"pachd_address": url}).with_active(name)
    save_config(config)
    click.echo(f"New context '{name}' created, will connect to Pachyderm at {url}")
    click.echo(f"Context '{name}' set as active")
