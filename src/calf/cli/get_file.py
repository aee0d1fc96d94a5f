"""pachctl get file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import click

from calf.cli import refs
from calf.cli.progress import progress_bar
from calf.cli.repo_first import blame_repo_first
from calf.cli.session import Session, project_option
from calf.model.errors import CalfError, InvalidArgument, NotFound
from calf.wire.messages import Message, pfs

STDOUT = "-"


@click.command("file")
@click.argument("file", metavar="REPO@COMMIT:PATH")
@click.option("-r", "--recursive", is_flag=True, help="A folder, or all files that a pattern matches.")
@click.option("-o", "--output", "into", metavar="PATH|URL", help="Where to write; default: standard output.")
@click.option("--offset", type=click.IntRange(0), default=0, help="Start at this byte.")
@click.option(
    "--retry", is_flag=True, help="Keep what came if it is cut off; append what an existing output lacks."
)
@click.option("--progress/--no-progress", default=True, help="Show a bar on a terminal.")
@project_option
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    file: str,
    recursive: bool,
    into: str | None,
    offset: int,
    retry: bool,
    progress: bool,
    project: str | None,
) -> None:
    """Get a file, or with -r a folder.

    An output file is replaced once all of it has come; until then, and if that fails, the old one stays.
    A URL as output (s3, gs, az, file) is written by the server, with its own credentials, each file at its
    whole path below it.

    \b
    pachctl get file images@master:/cat.jpg > cat.jpg
    pachctl get file -r "images@master:/{cat,dog}*" -o ./pets
    pachctl get file -r images@master:/ -o s3://bucket/images

    Where the head has an error, as the output of a failed job has, its files may be those of an earlier
    commit: a warning names the last good one.
    """
    target = refs.file(file, session.project(project), path="/" if recursive else None)
    with _telling_of_errors(session, target.commit), _try_with_r(), blame_repo_first(session.client, target):
        if into == STDOUT and not recursive:
            into = None
        if into is not None and "://" in into:
            _get_to_url(session, target, into)
        elif recursive:
            if into is None:
                raise click.UsageError(
                    "an output path needs to be specified when using the --recursive (-r) flag"
                )
            _get_tree(session, target, Path(into), progress)
        elif into is None:
            _print(session, target, offset)
        else:
            _get_one(session, target, Path(into), None if retry else offset, progress)


def _get_to_url(session: Session, target: Message, url: str) -> None:
    for _ in session.client.pfs.GetFileTAR(pfs.GetFileRequest(file=target, URL=url)):
        pass  # the server sends an empty archive when it is done


def _get_tree(session: Session, target: Message, into: Path, progress: bool) -> None:
    from calf.client.get import get_tree

    with progress_bar(target.path, lambda: None, wanted=progress) as advance:
        get_tree(session.client, target, into, advance)


def _print(session: Session, target: Message, offset: int) -> None:
    from calf.client.get import get_file

    for piece in get_file(session.client, target, offset):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _get_one(session: Session, target: Message, into: Path, offset: int | None, progress: bool) -> None:
    """Write a file to a path; `offset` None: only what is missing at its end."""
    from calf.client.get import get_file

    info = _the_one(session, target)
    path = into / Path(info.file.path).name if into.is_dir() else into
    have = path.stat().st_size if offset is None and path.exists() else 0
    start = have if offset is None else offset
    pieces = get_file(session.client, target, start)
    first = next(pieces, b"")  # before the file is made: there may be none to get
    with (
        _open(path, keep=offset is None, append=have > 0) as output,
        progress_bar(target.path, lambda: info.size_bytes - start, wanted=progress) as advance,
    ):
        for piece in chain([first], pieces):
            output.write(piece)
            advance(len(piece))


def _the_one(session: Session, target: Message) -> Message:
    """The record of a file, or of the only one that a pattern matches."""
    try:
        return session.client.pfs.InspectFile(pfs.InspectFileRequest(file=target))
    except NotFound:
        pattern = pfs.GlobFileRequest(commit=target.commit, pattern=target.path)
        found = list(islice(session.client.pfs.GlobFile(pattern), 2))
        if not found:
            raise
        if len(found) > 1:
            raise InvalidArgument("matched multiple files. Try again with the -r flag") from None
        return found[0]


def _open(path: Path, *, keep: bool, append: bool) -> AbstractContextManager[BinaryIO]:
    """What is left of a file that is cut off, `keep` decides: all that came, or the file that was there."""
    from calf.client.new_file import new_file, open_in_place

    if not keep:
        return new_file(path)
    return path.open("ab") if append else open_in_place(path)


@contextmanager
def _telling_of_errors(session: Session, commit: Message) -> Iterator[None]:
    """Warn of a head that has an error, whether it has the file or not; who names an id knows which it is."""
    try:
        yield
    except NotFound:
        _tell_of_error(session, commit)
        raise
    _tell_of_error(session, commit)


def _tell_of_error(session: Session, commit: Message) -> None:
    if commit.id:
        return
    with suppress(CalfError):  # a file was read, or not: there is nothing to say of that
        info = session.client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=commit))
        if info.error:
            from calf.client.last_good import last_good, name_of

            good = last_good(session.client, info)
            held = f"; the last good commit is {good}, whose files these may be" if good else ""
            session.warn(f"{name_of(info.commit)} finished with an error ({info.error}){held}")


@contextmanager
def _try_with_r() -> Iterator[None]:
    """What the API says of its methods, in words of this command."""
    try:
        yield
    except CalfError as error:
        if "Use GetFileTAR instead" in error.message:
            error.message = (
                f"{error.message.removesuffix('. Use GetFileTAR instead')}. Try again with the -r flag"
            )
        raise
