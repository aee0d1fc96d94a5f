"""pachctl connect."""

from __future__ import annotations

from pathlib import Path

import click

from calf.cli.certificates import server_cas_path
from calf.cli.session import Session

_OF_THE_SERVER = ("cluster_deployment_id", "session_token", "server_cas", "active_transaction")
_SECONDS = 2.0


@click.command("connect")
@click.argument("address")
@click.option("--alias", help="The context's name; default: the address.")
@server_cas_path
@click.pass_obj
def command(session: Session, address: str, alias: str | None, server_cas_path: str | None) -> None:
    """Choose the server: make a context for its address, and make it the active one.

    That nothing answers there is no error: it may not be up yet.

    \b
    pachctl connect localhost:30650
    pachctl connect grpcs://pachyderm.example:443 --alias cluster
    pachctl connect grpcs://calf.example:30650 --server-cas-path cert.pem
    """
    from calf.client.config import qualify, save_config

    url, name, config = qualify(address), alias or address, session.config
    old = config.contexts.get(name)
    if old is None:
        click.echo(f"New context '{name}' created, will connect to Pachyderm at {url}")
    elif old.get("pachd_address") != url:
        old = {key: value for key, value in old.items() if key not in _OF_THE_SERVER}
        click.echo(f"Context '{name}' changed, will connect to Pachyderm at {url}")
    trusted = {"server_cas": server_cas_path} if server_cas_path else {}
    new = {**(old or {}), "pachd_address": url, **trusted}
    save_config(config.with_context(name, new).with_active(name))
    click.echo(f"Context '{name}' set as active")
    used = session.environ.get("PACHD_ADDRESS")
    if used and qualify(used) != url:
        click.echo(f"warning: PACHD_ADDRESS is set and wins: commands go to {used}", err=True)
    if not _answers(url):
        click.echo(f"warning: nothing answers at {url} now", err=True)


def _answers(url: str) -> bool:
    """Whether something takes connections there."""
    import socket

    from calf.client.config import parse_address

    target = parse_address(url)
    if target.startswith("unix:"):
        return Path(target.removeprefix("unix:")).is_socket()
    host, _, port = target.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _SECONDS).close()
    except OSError:
        return False
    return True
