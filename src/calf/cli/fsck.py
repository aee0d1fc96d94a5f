"""pachctl fsck."""

from __future__ import annotations

import click

from calf.cli.session import Session
from calf.cli.words import printable
from calf.kit import exit_codes
from calf.wire.messages import pfs


@click.command("fsck")
@click.option("--verify", is_flag=True, help="Also read every stored byte and compare it with its digest.")
@click.pass_obj
def command(session: Session, verify: bool) -> int:
    """Check that everything stored is whole and consistent.

    Nothing is ever changed. Prints nothing when all is well; else one line a finding, and exits with 90.
    """
    found = 0
    for response in session.client.pfs.Fsck(pfs.FsckRequest(verify=verify)):
        found += 1
        click.echo(printable(response.error or response.fix))
    return exit_codes.INTEGRITY if found else exit_codes.OK
