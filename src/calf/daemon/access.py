"""`calf access`: makes what a server needs that others may reach: a certificate, its key and a token."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

import click

from calf.daemon import place
from calf.daemon.config import home_option
from calf.kit import atomic, clock
from calf.kit.errors import InvalidArgument

DAYS = 825
"""The longest that all common clients accept."""
_FOLDER = "access"


@click.command("access")
@click.option(
    "--host",
    "hosts",
    multiple=True,
    help="A name or IP address by which clients reach this machine; repeatable. Default: its host name."
    " This machine's loopback is always among them.",
)
@click.option(
    "--days", type=click.IntRange(1, DAYS), default=DAYS, show_default=True, help="How long it holds."
)
@home_option
def access(hosts: tuple[str, ...], days: int, home: Path) -> None:
    """Make a certificate and a token for a server that other machines reach, and say how they are used.

    They lie in the data folder, in `access`: cert.pem, which clients are given, and key.pem and token, which
    nobody but you can read. What is there already stays: to have another, move the old one away.

    \b
    calf access --host data.example.org --host 192.0.2.7
    """
    place.check_folder(home)
    folder = home / _FOLDER
    names = _names_there(folder / "cert.pem", hosts)
    hosts = hosts or tuple(names[:1]) or (socket.gethostname(),)
    for made in make_access(folder, hosts, days, clock.now()):
        click.echo(f"made {made}")
    reached = hosts[0]
    click.echo(_INSTRUCTIONS.format(folder=folder, host=f"[{reached}]" if ":" in reached else reached))


def _names_there(certificate: Path, hosts: tuple[str, ...]) -> list[str]:
    """Names of the certificate that is there, if it is. Raises `InvalidArgument` when it lacks a host."""
    from calf.daemon.certificates import is_for, read_names

    if not certificate.exists():
        return []
    names = read_names(certificate)
    lacking = [host for host in hosts if not is_for(host, names)]
    if lacking:
        has = ", ".join(names) or "no name"
        raise InvalidArgument(
            f"{certificate} is there already, for {has}: not for {', '.join(lacking)}",
            "move it and key.pem away: the pair is made anew, with every --host that you name, and clients"
            " have to be given the new cert.pem",
        )
    return names


def make_access(folder: Path, hosts: tuple[str, ...], days: int, now: float) -> list[Path]:
    """Make what `folder` lacks of certificate and key (as a pair) and token; gives the files made.

    Raises `InvalidArgument` for a host that is neither a name nor an address, half of a pair, or a token that
    no server would take.
    """
    for each in (folder.parent, folder):  # a data folder that there may not be yet
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
    certificate, key, token = folder / "cert.pem", folder / "key.pem", folder / "token"
    if certificate.exists() != key.exists():
        there, lacking = (certificate, key) if certificate.exists() else (key, certificate)
        raise InvalidArgument(
            f"{there} is there, and {lacking} is not", "move it away: the pair is made anew"
        )
    if token.exists():
        from calf.daemon.admitting import read_tokens

        read_tokens(token)
    made = []
    if not key.exists():
        from calf.daemon.certificates import make_certificate

        private, public = make_certificate(hosts, days, now)
        atomic.write_file(key, private)
        atomic.write_file(certificate, public, 0o644)
        made += [certificate, key]
    if not token.exists():
        atomic.write_file(token, secrets.token_hex(32).encode() + b"\n")
        made.append(token)
    return made


_INSTRUCTIONS = """
start the server with
  calf up --address 0.0.0.0:30650 --token-file {folder}/token \\
    --tls-cert {folder}/cert.pem --tls-key {folder}/key.pem
give cert.pem, and by a safe way token, to whoever may use it; for pachctl:
  pachctl connect grpcs://{host}:30650 --server-cas-path cert.pem
  pachctl auth use-auth-token < token"""
