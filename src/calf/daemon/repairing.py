"""`calf repair`."""

from __future__ import annotations

from pathlib import Path

import click

from calf.daemon import place
from calf.daemon.config import home_option
from calf.kit import exit_codes

_FOLDER = click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path)


@click.command("repair")
@click.option(
    "--from",
    "sources",
    multiple=True,
    type=_FOLDER,
    help="A backup or another data folder that may have good copies; repeatable.",
)
@home_option
@click.pass_context
def command(context: click.Context, sources: tuple[Path, ...], home: Path) -> None:
    """Heal stored data that is damaged or missing, from good copies elsewhere; the server must be down.

    Every copy is checked against its digest. Damaged packs are set aside, not removed. What cannot be healed
    is named with the commits and paths that it hurts, and the exit code is 90.

    \b
    calf repair --from /mnt/disk/calf
    """
    from calf.pfs import fsck
    from calf.pfs.repairing import repair

    if not (home / "metadata.sqlite").exists():
        click.echo(f"{home} holds no data", err=True)
        context.exit(exit_codes.NO_STORE)
    with place.alone(home) as pfs:
        done = repair(pfs, sources)
        left = [str(violation) for violation in fsck.run(pfs, fsck.checks(pfs))]
    lost = done.damaged + done.missing
    if not lost and not done.set_aside:
        click.echo("no object is damaged, none is missing")
    else:
        click.echo(f"{done.damaged} objects damaged, {done.missing} missing: {done.healed} healed")
    if done.set_aside:
        click.echo(f"{done.set_aside} damaged packs are now in {done.where}")
    for line in left:
        click.echo(line)
    if left or done.left:
        context.exit(exit_codes.INTEGRITY)
