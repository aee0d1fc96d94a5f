"""pachctl connect."""

from __future__ import annotations

import click

from calf.cli.session import Session

_OF_THE_SERVER = ("cluster_deployment_id", "session_token", "server_cas", "active_transaction")


@click.command("connect")
@click.argument("address")
@click.option("--alias", help="The context's name; default: the address.")
@click.pass_obj
def command(session: Session, address: str, alias: str | None) -> None:
    """Choose the server: make a context for its address, and make it the active one. Nothing is sent.

    \b
    pachctl connect localhost:30650
    pachctl connect grpcs://pachyderm.example:443 --alias cluster
    """
    from calf.client.config import qualify, save_config

    url, name, config = qualify(address), alias or address, session.config
    old = config.contexts.get(name)
    if old is None:
        click.echo(f"New context '{name}' created, will connect to Pachyderm at {url}")
    elif old.get("pachd_address") != url:
        old = {key: value for key, value in old.items() if key not in _OF_THE_SERVER}
        click.echo(f"Context '{name}' changed, will connect to Pachyderm at {url}")
    save_config(config.with_context(name, {**(old or {}), "pachd_address": url}).with_active(name))
    click.echo(f"Context '{name}' set as active")
