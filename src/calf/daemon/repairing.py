"""`calf repair`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from calf.daemon import place
from calf.daemon.aside import Aside, set_aside
from calf.daemon.config import home_option
from calf.kit import exit_codes, sizes

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
    is named with the commits and paths that it hurts, and the exit code is 90. Records are only looked at:
    those of a backup come back by `calf restore`.

    \b
    calf repair --from /mnt/disk/calf
    """
    from calf.pfs import fsck
    from calf.pfs.repairing import repair
    from calf.views.words import many

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
        click.echo(f"{many(done.set_aside, 'damaged pack')} set aside in {done.where}")
    for line in left:
        click.echo(line)
    aside = set_aside(home)
    if left or done.left:
        if done.left:
            click.echo(f"{many(done.left, 'object')} still lacking")
        _tell_what_helps(left, aside)
        context.exit(exit_codes.INTEGRITY)
    click.echo(
        "records of commits and branches agree; jobs, statements and images were not looked at:"
        " `pachctl fsck` does, when the server is up"
    )
    if aside.packs:
        click.echo(
            f"nothing needs the {many(aside.packs, 'pack')} in {aside.folder} any more: remove the folder for"
            f" {sizes.format(aside.size)}"
        )


def _tell_what_helps(left: Sequence[str], aside: Aside) -> None:
    from calf.views.findings import counted, kind_of

    for line in counted(map(kind_of, left)) if left else ():
        click.echo(line, err=True)
    if aside.packs:
        click.echo(f"hint: keep {aside.folder}: what is lacking may be in it yet", err=True)
