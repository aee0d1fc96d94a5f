"""pachctl version and buildinfo."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib import metadata

import click

from calf.cli.greeting import client_version
from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.parameters import SECONDS
from calf.cli.session import Session
from calf.cli.table import print_table
from calf.wire.messages import Message, google

_PACKAGES = ("grpcio", "protobuf", "click", "blake3", "zstandard", "pyfastcdc", "msgpack", "obstore")


@click.command("version")
@click.option("--client-only", is_flag=True, help="Do not ask the server.")
@click.option("--enterprise", is_flag=True, help="Ask the enterprise server instead.")
@click.option("--timeout", type=SECONDS, default="5s", show_default=True, help="How long to wait.")
@output_options
@click.pass_obj
def command(session: Session, client_only: bool, enterprise: bool, timeout: float, output: Output) -> None:
    """Show the version of Pachyderm's API that this client and the server speak.

    \b
    pachctl version
    pachctl version --client-only --raw
    """
    if enterprise:
        session.use_enterprise_context()
    session.timeout = session.timeout or timeout
    found = _versions(session, client_only=client_only)
    if output.raw:
        output.documents(each for _, each in found)
    else:
        rows = ((name, _text(each)) for name, each in found)
        print_table(("COMPONENT", "VERSION"), rows, streamed=True)


def _versions(session: Session, *, client_only: bool) -> Iterator[tuple[str, Message]]:
    """One after the other, so that this one shows when the server does not answer."""
    yield "pachctl", client_version()
    if not client_only:
        yield "pachd", session.client.version.GetVersion(google.Empty())


def _text(version: Message) -> str:
    return f"{version.major}.{version.minor}.{version.micro}{version.additional}"


@click.command("buildinfo")
def buildinfo() -> None:
    """Show what this pachctl is made of, for a report about it."""
    print_labels(
        [
            ("calf", metadata.version("calf")),
            ("API", _text(client_version())),
            ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
            ("Platform", platform.platform()),
            *((name, metadata.version(name)) for name in _PACKAGES),
        ]
    )
