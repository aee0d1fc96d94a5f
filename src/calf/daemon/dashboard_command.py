"""`calf dashboard`: the dashboard of any Pachyderm, in the foreground."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calf.daemon.config import check_port, is_loopback
from calf.daemon.dashboard import Door, listen, listen_near
from calf.kit.errors import InvalidArgument

if TYPE_CHECKING:
    from calf.web.upstream import Upstream

PORT = 30660
"""The port when nobody says otherwise, or a free one if it is taken."""


@click.command("dashboard")
@click.option(
    "--server", metavar="ADDRESS|CONTEXT", default="", help="Which Pachyderm. Default: that of `pachctl`."
)
@click.option("--address", default="", help=f"Where to listen. Default: 127.0.0.1:{PORT}, or a free port.")
def command(server: str, address: str) -> None:
    """Show a Pachyderm in the browser, until Ctrl-C.

    It is reached as `pachctl` reaches it: the same contexts, certificates and token, so on Linux nobody comes
    in but from a process of yours on this machine. A server of ours has a dashboard beside it: `calf status`
    prints the link.

    \b
    calf dashboard --server grpcs://pachyderm.example:443
    calf dashboard --server production --address 127.0.0.1:4000
    """
    from calf.kit.logs import log_to
    from calf.web.keeper import Keeper
    from calf.web.serving import Offer, serve

    if address:
        check_port(address)
    if address and not is_loopback(address):
        raise InvalidArgument(
            f"cannot listen on {address}: other machines could use your token",
            "name a port of 127.0.0.1; `ssh -L` leads there from another machine",
        )
    upstream, token = _find(server)
    door = listen(address) if address else listen_near(PORT)
    log_to(sys.stderr, logging.WARNING)
    click.echo(f"{_link(door)}\nof {upstream.address}, until Ctrl-C")
    with suppress(KeyboardInterrupt), door.listener:
        keeper = Keeper(is_private=sys.platform == "linux", own=token)
        serve(Offer(upstream, door.hosts, keeper), door.listener)


def _find(server: str) -> tuple[Upstream, str]:
    """The server, and the user's token for it; `server` is an address or the name of a context."""
    from calf.client.config import active_context, certificates, choose_address, find_config, load_config
    from calf.web.upstream import Upstream

    config = load_config(find_config(os.environ, Path.home()))
    if server in config.contexts:
        context = config.context(server)
        address = choose_address(config, {"PACH_CONTEXT": server})
    else:
        context = {} if server else active_context(config, os.environ)
        address = server or choose_address(config, os.environ)
    return Upstream(address, certificates(context)), str(context.get("session_token") or "")


def _link(door: Door) -> str:
    return f"dashboard: {door.link}" + (f" (port {door.instead} is taken)" if door.instead else "")
