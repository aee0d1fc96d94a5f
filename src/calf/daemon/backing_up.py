"""`calf backup` and `calf restore`."""

from __future__ import annotations

from collections.abc import Iterable
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
@click.option(
    "--force",
    is_flag=True,
    help="Also where TO holds commits or other records that the data folder lacks: they are lost.",
)
@home_option
@click.pass_context
def backup(context: click.Context, to: Path, link: bool, force: bool, home: Path) -> None:
    """Bring the backup in folder TO up to date; made if need be, while the server runs or not.

    What TO has already is not copied again. Images are not in it: they can be built again from their sources.
    Packs that are damaged or lost are named, and the exit code is 90.

    \b
    calf backup /mnt/disk/calf
    """
    from calf.pfs.backups import back_up
    from calf.views.words import many

    copied = back_up(home, to, clock.now(), link=link, force=force)
    amount = f"{many(copied.packs, 'new pack')} of {copied.of}, {sizes.format(copied.size)}"
    if not copied.damage:
        click.echo(f"{to} holds all of {home}: {amount}")
        return
    _tell(copied.damage)
    click.echo(f"{to} holds what there is of {home}, which is damaged: {amount}")
    click.echo(
        "hint: `pachctl fsck --verify` names the damage; after `calf down`, `calf repair --from COPY` heals"
        f" it from another backup, or from what this one had before: --from {to}",
        err=True,
    )
    context.exit(exit_codes.INTEGRITY)


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
    from calf.views.words import many

    place.check_folder(home)
    copied = backups.restore(folder, home, link=link)
    with place.alone(home) as pfs:
        found = [str(violation) for violation in fsck.run(pfs, fsck.checks(pfs))]
    _tell((*copied.damage, *found))
    amount = f"{many(copied.packs, 'pack')}, {sizes.format(copied.size)}"
    if not copied.damage and not found:
        click.echo(f"{home} holds all of {folder}: {amount}")
        return
    click.echo(f"{home} holds what there is of {folder}, which is damaged as said above: {amount}")
    click.echo(
        f"hint: `calf repair --from COPY --home {home}` heals it from another backup or data folder", err=True
    )
    context.exit(exit_codes.INTEGRITY)


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
