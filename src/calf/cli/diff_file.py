"""pachctl diff file."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import click

from calf.cli import refs
from calf.cli.file_rows import size
from calf.cli.session import Session, project_option
from calf.cli.table import print_table
from calf.cli.words import printable
from calf.wire.messages import Message, pfs

# Beyond it a textual comparison helps nobody.
_MAX_TEXT = 10 * 1024 * 1024
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command("file")
@click.argument("new", metavar="REPO@COMMIT:PATH")
@click.argument("old", required=False, metavar="[REPO@COMMIT:PATH]")
@click.option("-s", "--shallow", is_flag=True, help="Do not look into folders.")
@click.option("--name-only", is_flag=True, help="Only say which files differ.")
@click.option("--old-project", metavar="NAME", help="The project of the old file.")
@project_option
@click.pass_obj
def command(
    session: Session,
    new: str,
    old: str | None,
    shallow: bool,
    name_only: bool,
    old_project: str | None,
    project: str | None,
) -> None:
    """Compare a file or folder with another, by default with itself in the parent commit."""
    where = session.project(project)
    request = pfs.DiffFileRequest(new_file=refs.file(new, where, path="/"), shallow=shallow)
    if old:
        request.old_file.CopyFrom(refs.file(old, session.project(old_project or project), path="/"))
    differences = list(session.client.pfs.DiffFile(request))
    if not name_only and len(differences) == 1 and not _has_folder(differences[0]):
        _print_text(session, differences[0])
        return
    print_table(("OP", "SIZE", "NAME"), _rows(differences, shallow=shallow))


def _has_folder(difference: Message) -> bool:
    return pfs.DIR in (difference.new_file.file_type, difference.old_file.file_type)


def _rows(differences: list[Message], *, shallow: bool) -> Iterator[tuple[str, str, str]]:
    for difference in differences:
        for sign, side in (("+", "new_file"), ("-", "old_file")):
            info = getattr(difference, side)
            if difference.HasField(side) and not (shallow and info.file.path.strip("/").count("/")):
                yield sign, size(info), info.file.path


def _print_text(session: Session, difference: Message) -> None:
    old = _lines(session, difference, "old_file")
    new = _lines(session, difference, "new_file")
    if old is None or new is None:
        print_table(("OP", "SIZE", "NAME"), _rows([difference], shallow=False))
        return
    for line in difflib.unified_diff(
        old, new, _name(difference.old_file), _name(difference.new_file), lineterm=""
    ):
        click.echo(click.style(printable(line), fg=_COLOURS.get(line[0])))


def _name(info: Message) -> str:
    commit = info.file.commit
    return f"{commit.repo.name}@{commit.id}:{info.file.path}" if info.file.path else "(none)"


def _lines(session: Session, difference: Message, side: str) -> list[str] | None:
    """The lines of one side, none when it is absent, None when it is no text."""
    from calf.client.get import get_file

    if not difference.HasField(side):
        return []
    info = getattr(difference, side)
    if info.size_bytes > _MAX_TEXT:
        return None
    try:
        return b"".join(get_file(session.client, info.file)).decode().splitlines()
    except UnicodeDecodeError:
        return None
