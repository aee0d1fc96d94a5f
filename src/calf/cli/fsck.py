"""pachctl fsck."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.session import Session, project_option
from calf.kit import exit_codes
from calf.views.findings import counted, kind_of
from calf.views.words import printable
from calf.wire.messages import pfs


@click.command("fsck")
@click.option("-f", "--fix", is_flag=True, help="Mend what can be mended; calf changes nothing.")
@click.option("--verify", is_flag=True, help="Also read every stored byte and compare it with its digest.")
@click.option("--zombie", metavar="REPO@COMMIT", help="Also look for files of deleted datums in this commit.")
@click.option("--zombie-all", is_flag=True, help="Also look for files of deleted datums in every pipeline.")
@project_option
@click.pass_obj
def command(
    session: Session, fix: bool, verify: bool, zombie: str | None, zombie_all: bool, project: str | None
) -> int:
    """Check that everything stored is whole and consistent.

    Prints nothing when all is well. Else one line a finding, then how many there are of each kind and what
    helps (on standard error), and exits with 90.

    \b
    pachctl fsck
    pachctl fsck --zombie edges@master
    """
    if zombie and zombie_all:
        raise click.UsageError("give --zombie or --zombie-all, not both")
    target = refs.commit(zombie, session.project(project)) if zombie else None
    request = pfs.FsckRequest(fix=fix, verify=verify, zombie_target=target, zombie_all=zombie_all)
    kinds = []
    for response in session.client.pfs.Fsck(request):
        if response.error:
            kinds.append(kind_of(response.error))
        click.echo(printable(response.error or response.fix))
    if not kinds:
        return exit_codes.OK
    for line in counted(kinds):
        click.echo(line, err=True)
    return exit_codes.INTEGRITY
