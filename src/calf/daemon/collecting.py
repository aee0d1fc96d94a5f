"""`calf gc`: gives space back, of a folder whose server runs or of one that nobody uses."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calf.daemon import place
from calf.daemon.aside import set_aside
from calf.daemon.config import home_option
from calf.kit import exit_codes, sizes
from calf.kit.errors import CalfError, Unreachable

if TYPE_CHECKING:
    from calf.pfs.engine import Pfs
    from calf.pps.collecting import Line


@click.command("gc")
@click.option("--dry-run", is_flag=True, help="Only say what would go, what stays, and why.")
@click.option(
    "--images",
    is_flag=True,
    help="Also images without a name that no pipeline, job or statement names; the server must be down.",
)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@home_option
@click.pass_context
def command(context: click.Context, dry_run: bool, images: bool, output: str, home: Path) -> None:
    """Give back the space of what nothing refers to any more, and merge small packs.

    Deleted commits, repos and files, ended file sets, logs of deleted jobs. Safe beside everything else, and
    when it is cut off; what jobs and uploads under way need stays.
    """
    if not (home / "metadata.sqlite").exists():
        click.echo(f"{home} holds no data yet", err=True)
        context.exit(exit_codes.NO_STORE)
    running = place.find_running(home)
    if running is None or images:
        messages = _of_stopped(home, dry_run, images)
    elif not running.address:
        raise Unreachable(f"the server of {home} is just starting", "try again in a moment")
    else:
        messages = _of_server(running.address, dry_run)
    messages = chain(_damaged(home), messages)
    if output == "json":
        _print_json(messages)
    else:
        _print_table(messages, dry_run)


def _damaged(home: Path) -> Iterator[Any]:
    """What a repair set aside, which no sweep touches."""
    from calf.wire.messages import calf

    if (aside := set_aside(home)).packs:
        line = calf.CollectLine(what="packs", why=_ASIDE, items=aside.packs, size_bytes=aside.size)
        yield calf.CollectResponse(line=line)


def _of_server(address: str, dry_run: bool) -> Iterable[Any]:
    from calf.client.connection import connect
    from calf.wire.messages import calf

    with connect(address) as client:
        yield from client.call("/calf_v1.Storage/Collect", calf.CollectRequest(dry_run=dry_run))


def _of_stopped(home: Path, dry_run: bool, images: bool) -> Iterable[Any]:
    from calf.kit import clock
    from calf.kit.cancel import CancelToken
    from calf.pps.collecting import collect
    from calf.rpc.collecting import write
    from calf.storage.logs import FileLogStore

    with place.alone(home) as pfs, closing(FileLogStore(home / "logs", clock.now)) as logs:
        if images:
            yield from map(write, _images(pfs, home, dry_run))
        yield from map(write, collect(pfs, logs, CancelToken(), dry_run=dry_run))


def _images(pfs: Pfs, home: Path, dry_run: bool) -> Iterator[Line]:
    from calf.db import roots
    from calf.pps.collecting import Line
    from calf.runner.images.removing import find_unused, remove_unused
    from calf.runner.images.store import ImageStore

    store = ImageStore(home)
    with pfs.read() as tx:
        named = roots.images(tx)
    found = find_unused(store, named) if dry_run else remove_unused(store, named)
    items = len(found.images) + len(found.environments)
    if items:
        why = "no name and no pipeline, job or statement leads to them"
        yield Line("images and environments", why, True, items, size=found.size, freed=found.size)


def _print_json(messages: Iterable[Any]) -> None:
    lines, freed = [], None
    for message in messages:
        if message.HasField("line"):
            lines.append(_plain(message.line))
        elif message.HasField("freed"):
            freed = _plain(message.freed)
    click.echo(json.dumps({"lines": lines, "freed": freed}, indent=2))


def _plain(message: Any) -> dict[str, object]:
    return {field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields}


def _print_table(messages: Iterable[Any], dry_run: bool) -> None:
    from calf.views.words import many

    seen, freed, held = 0, None, False
    for message in messages:
        if message.HasField("line"):
            _clear()
            click.echo(_line(message.line, dry_run))
            seen += message.line.freed_bytes if message.line.goes else 0
            held |= message.line.objects > 0
        elif message.HasField("freed"):
            freed = message.freed
            _tell(f"{sizes.format(max(0, freed.size_bytes))} given back")
        else:
            reached = message.reached
            _tell(f"looking: {reached.trees} of {reached.of} trees, {reached.objects} objects")
    _clear()
    if dry_run:
        click.echo(f"{sizes.format(max(0, seen))} would be given back; nothing was changed")
        if held:
            click.echo(_HELD)
        return
    if freed is None:
        raise CalfError("the collection ended before its end", "run it again: what was done is done")
    kept = f"; {many(freed.kept, 'pack')} had to stay, being in use or damaged" if freed.kept else ""
    made = f", {freed.made} written" if freed.made else ""
    removed = f"{many(freed.packs, 'pack')} removed"
    click.echo(f"{sizes.format(max(0, freed.size_bytes))} given back: {removed}{made}{kept}")


_ASIDE = (
    "damaged, which `calf repair` set aside in storage/damaged: once `pachctl fsck --verify` finds nothing,"
    " nothing needs them, and you may remove that folder"
)
_HELD = (
    "what a commit holds stays: the bytes of a deleted file too, as long as older commits have it."
    " `pachctl list commit REPO` shows them; `pachctl squash commit ID` removes one that has children,"
    " `pachctl delete commit ID` a last one"
)


def _line(line: Any, dry_run: bool) -> str:
    goes = "would go" if dry_run else "goes"
    what = _ONE.get(line.what, line.what) if line.items == 1 else line.what
    size = f", {sizes.format(line.size_bytes)}" if line.size_bytes else ""
    moves = ", copied into a new pack first" if line.goes and line.objects else ""
    objects = f" (objects needed: {line.objects}{moves}; not: {line.garbage})"
    return (
        f"{goes if line.goes else 'stays':{len(goes)}}  {line.items} {what}{size}: {line.why}"
        f"{objects if line.objects or line.garbage else ''}"
    )


_ONE = {
    "packs": "pack",
    "logs": "log",
    "file sets": "file set",
    "datum records": "datum record",
    "images and environments": "image or environment",
}


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)


def _clear() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
