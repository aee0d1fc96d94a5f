"""`calf backup` and `calf restore`."""

from __future__ import annotations

from pathlib import Path

import click

from calf.daemon import place
from calf.daemon.config import home_option
from calf.kit import clock, exit_codes, sizes

_FOLDER = click.Path(file_okay=False, resolve_path=True, path_type=Path)
_LINK = click.option(
    "--link",
    is_flag=True,
    help="Share the bytes on one file system instead of copying: quick, and no help when the disk fails.",
)


@click.command("backup")
@click.argument("to", type=_FOLDER)
@_LINK
@home_option
def backup(to: Path, link: bool, home: Path) -> None:
    """Bring the backup in folder TO up to date; made if need be, while the server runs or not.

    What TO has already is not copied again. Images are not in it: they can be built again from their sources.

    \b
    calf backup /mnt/disk/calf
    """
    from calf.pfs.backups import back_up

    copied = back_up(home, to, clock.now(), link=link)
    click.echo(
        f"{to} holds all of {home}: {copied.packs} new packs of {copied.of}, {sizes.format(copied.size)}"
    )


@click.command("restore")
@click.argument("folder", metavar="BACKUP", type=_FOLDER)
@_LINK
@home_option
@click.pass_context
def restore(context: click.Context, folder: Path, link: bool, home: Path) -> None:
    """Make a new data folder of a backup, and check it.

    \b
    calf restore /mnt/disk/calf --home ~/calf-again
    """
    from calf.pfs import backups, fsck

    place.check_folder(home)
    copied = backups.restore(folder, home, link=link)
    with place.alone(home) as pfs:
        found = [str(violation) for violation in fsck.run(pfs, fsck.checks(pfs))]
    for line in found:
        click.echo(line)
    click.echo(f"{home} holds all of {folder}: {copied.packs} packs, {sizes.format(copied.size)}")
    if found:
        context.exit(exit_codes.INTEGRITY)
