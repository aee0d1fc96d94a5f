"""pachctl get file."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path

import click

from calf.cli import refs
from calf.cli.progress import progress_bar
from calf.cli.session import Session, project_option
from calf.model.errors import CalfError
from calf.wire.messages import Message, pfs


@click.command("file")
@click.argument("file", metavar="REPO@COMMIT:PATH")
@click.option("-r", "--recursive", is_flag=True, help="A folder, or all files that a pattern matches.")
@click.option(
    "-o",
    "--output",
    "into",
    type=click.Path(path_type=Path),
    help="Where to write; default: standard output.",
)
@click.option("--offset", default=0, help="Start at this byte.")
@click.option("--progress/--no-progress", default=True, help="Show a bar on a terminal.")
@project_option
@click.pass_obj
def command(
    session: Session,
    file: str,
    recursive: bool,
    into: Path | None,
    offset: int,
    progress: bool,
    project: str | None,
) -> None:
    """Get a file, or with -r a folder.

    \b
    pachctl get file images@master:/cat.jpg > cat.jpg
    pachctl get file -r "images@master:/{cat,dog}*" -o ./pets
    """
    target = refs.file(file, session.project(project), path="/" if recursive else None)
    if recursive:
        if into is None:
            raise click.UsageError(
                "an output path needs to be specified when using the --recursive (-r) flag"
            )
        _get_tree(session, target, into, progress)
    else:
        _get_one(session, target, into, offset, progress)


def _get_tree(session: Session, target: Message, into: Path, progress: bool) -> None:
    from calf.client.get import get_tree

    with progress_bar(target.path, lambda: None, wanted=progress) as advance:
        get_tree(session.client, target, into, advance)


def _get_one(session: Session, target: Message, into: Path | None, offset: int, progress: bool) -> None:
    from calf.client.get import get_file, open_new

    try:
        if into is None:
            for piece in get_file(session.client, target, offset):
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return
        info = session.client.pfs.InspectFile(pfs.InspectFileRequest(file=target))
        path = into / Path(info.file.path).name if into.is_dir() else into
        pieces = get_file(session.client, target, offset)
        first = next(pieces, b"")
        with (
            open_new(path) as output,
            progress_bar(target.path, lambda: info.size_bytes, wanted=progress) as advance,
        ):
            for piece in chain([first], pieces):
                output.write(piece)
                advance(len(piece))
    except CalfError as error:
        if "Use GetFileTAR instead" in error.message:
            error.message = (
                f"{error.message.removesuffix('. Use GetFileTAR instead')}. Try again with the -r flag"
            )
        raise
