"""pachctl diff file."""

from __future__ import annotations

import difflib
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from calf.cli import refs
from calf.cli.file_rows import size
from calf.cli.repo_first import blame_repo_first
from calf.cli.session import Session, project_option
from calf.cli.table import print_table
from calf.views.labels import repo_name
from calf.views.words import printable
from calf.wire.messages import Message, pfs

# Beyond it a textual comparison helps nobody.
_MAX_TEXT = 10 * 1024 * 1024
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command("file")
@click.argument("new", metavar="REPO@COMMIT:PATH")
@click.argument("old", required=False, metavar="[REPO@COMMIT:PATH]")
@click.option("-s", "--shallow", is_flag=True, help="Do not look into folders.")
@click.option("--name-only", is_flag=True, help="Only say which files differ.")
@click.option(
    "--diff-command", metavar="COMMAND", help="A program to compare two files with, such as `diff -u`."
)
@click.option("--old-project", metavar="NAME", help="The project of the old file.")
@project_option
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    new: str,
    old: str | None,
    shallow: bool,
    name_only: bool,
    diff_command: str | None,
    old_project: str | None,
    project: str | None,
) -> None:
    """Compare a file or folder with another, by default with itself in the parent commit.

    Two files are shown as text, line by line; folders, and files that are no text, as a table.

    \b
    pachctl diff file images@master:/labels.csv
    pachctl diff file images@master:/ images@v1:/
    """
    where = session.project(project)
    request = pfs.DiffFileRequest(new_file=refs.file(new, where, path="/"), shallow=shallow)
    if old:
        request.old_file.CopyFrom(refs.file(old, session.project(old_project or project), path="/"))
    with blame_repo_first(session.client, request.new_file, *([request.old_file] if old else [])):
        differences = list(session.client.pfs.DiffFile(request))
    pair = None if name_only else _one_file_each(differences)
    if pair is not None and diff_command:
        _run(session, diff_command, *pair)
    elif pair is None or not _print_text(session, *pair):
        print_table(("OP", "SIZE", "NAME"), _rows(differences, shallow=shallow))


def _one_file_each(differences: list[Message]) -> tuple[Message | None, Message | None] | None:
    """The old and the new file, when two files and nothing else are compared."""
    sides: list[Message | None] = []
    for side in ("old_file", "new_file"):
        infos = [getattr(difference, side) for difference in differences if difference.HasField(side)]
        if len(infos) > 1 or any(info.file_type == pfs.DIR for info in infos):
            return None
        sides.append(infos[0] if infos else None)
    return sides[0], sides[1]


def _rows(differences: list[Message], *, shallow: bool) -> Iterator[tuple[str, str, str]]:
    for difference in differences:
        for sign, side in (("+", "new_file"), ("-", "old_file")):
            info = getattr(difference, side)
            if difference.HasField(side) and not (shallow and info.file.path.strip("/").count("/")):
                yield sign, size(info), info.file.path


def _run(session: Session, program: str, old: Message | None, new: Message | None) -> None:
    """Have another program compare the two files; one that is not there is /dev/null."""
    with tempfile.TemporaryDirectory(prefix="pachctl-diff-") as folder:
        paths = [_download(session, info, Path(folder, name)) for info, name in ((old, "old"), (new, "new"))]
        try:
            done = subprocess.run([*shlex.split(program), *paths], check=False)
        except FileNotFoundError:
            raise click.UsageError(f"there is no program `{shlex.split(program)[0]}`") from None
    if done.returncode not in (0, 1):  # 1 is how such programs say that the files differ
        raise click.ClickException(f"`{program}` ended with exit code {done.returncode}")


def _download(session: Session, info: Message | None, path: Path) -> str:
    from calf.client.get import get_file

    if info is None:
        return os.devnull
    path = path.with_name(f"{path.name}-{Path(info.file.path).name}")
    with path.open("wb") as output:
        output.writelines(get_file(session.client, info.file))
    return str(path)


def _print_text(session: Session, old: Message | None, new: Message | None) -> bool:
    """Print how two texts differ; False when one of them is no text."""
    before, after = _lines(session, old), _lines(session, new)
    if before is None or after is None:
        return False
    for line in difflib.unified_diff(before, after, _name(old), _name(new), lineterm=""):
        click.echo(click.style(printable(line), fg=_COLOURS.get(line[0])))
    return True


def _name(info: Message | None) -> str:
    if info is None:
        return "(none)"
    commit = info.file.commit
    return f"{repo_name(commit.repo)}@{commit.id}:{info.file.path}"


def _lines(session: Session, info: Message | None) -> list[str] | None:
    """The lines of a file, none when it is absent, None when it is no text."""
    from calf.client.get import get_file

    if info is None:
        return []
    if info.size_bytes > _MAX_TEXT:
        return None
    try:
        return b"".join(get_file(session.client, info.file)).decode().splitlines()
    except UnicodeDecodeError:
        return None
