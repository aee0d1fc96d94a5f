"""pachctl put file."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calf.cli import refs
from calf.cli.landed import complain_of_error
from calf.cli.progress import progress_bar
from calf.cli.retired_options import retired_options
from calf.cli.session import Session, project_option
from calf.cli.sources import STDIN, Plan, destination, find_sources, refuse_damage, total_size
from calf.kit import exit_codes
from calf.wire.messages import pfs

if TYPE_CHECKING:
    from calf.client.put import Folder

_SPLIT = (
    "splitting files has been removed from Pachyderm, split them before you put them: `split -l 100 FILE`"
)


@click.command("file")
@click.argument("target", metavar="REPO@BRANCH[:PATH]")
@click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    metavar="FILE|URL",
    help="What to put; repeatable. Default: standard input.",
)
@click.option(
    "-r", "--recursive", is_flag=True, help="Put folders, with all that is in them; of URLs, all below them."
)
@click.option(
    "-i",
    "--input-file",
    type=click.Path(path_type=Path, allow_dash=True),
    help="A file with one source, FILE or URL, a line; - is standard input.",
)
@click.option(
    "-a", "--append", is_flag=True, help="Append to files that are there instead of replacing them."
)
@click.option("--full-path", is_flag=True, help="Keep the whole path of the source.")
@click.option("--untar", is_flag=True, help="Put the files inside .tar, .tar.gz and .tgz archives.")
@click.option(
    "-p",
    "--parallelism",
    type=click.IntRange(1, 1000),
    default=50,
    show_default=True,
    metavar="N",
    help="How many files below a URL the server fetches at once.",
)
@click.option(
    "--read-all", is_flag=True, help="Read the files of a folder that look as when they were put last, too."
)
@click.option("-c", "--compress", is_flag=True, help="Compress on the way to the server.")
@click.option("--progress/--no-progress", default=True, help="Show a bar on a terminal.")
@retired_options(
    dict.fromkeys(("--split", "--target-file-datums", "--target-file-bytes", "--header-records"), _SPLIT)
)
@project_option
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    target: str,
    files: tuple[str, ...],
    recursive: bool,
    input_file: Path | None,
    append: bool,
    full_path: bool,
    untar: bool,
    parallelism: int,
    read_all: bool,
    compress: bool,
    progress: bool,
    project: str | None,
) -> None:
    """Put files into a branch: all of them in one commit, or none.

    Without a path a file keeps its name; a path that ends in / is a folder to put it in; any other path is
    its new name. The contents of a folder put with -r into / stand at the root. URLs (http, https, s3, gs,
    az, file) are read by the server, with its own credentials.

    \b
    pachctl put file images@master -f cat.jpg
    pachctl put file -r images@master:/ -f ./photos
    pachctl put file -r images@master:/ -f s3://bucket/photos
    echo hello | pachctl put file notes@master:/hello.txt
    """
    from calf.client.put import put_files, put_folder
    from calf.client.put_requests import Manner

    place = refs.file(target, session.project(project), path="")
    names = [*files, *_listed(input_file)] or [STDIN]
    if not session.context.get("active_transaction"):  # in one the server refuses, whatever the repo
        session.client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=place.commit.repo))
    plan = Plan(place.path, recursive, full_path, untar)
    manner = Manner(append, compress, parallelism)
    with progress_bar("put", lambda: total_size(names), wanted=progress) as advance:
        try:
            if not (read_all or append) and (folder := _one_folder(session, names, plan)):
                put_folder(session.client, place.commit, folder, time.time_ns(), advance)
            else:
                with refuse_damage() if untar else nullcontext():
                    put_files(session.client, place.commit, find_sources(names, plan), manner, advance)
        except KeyboardInterrupt:
            click.echo("error: interrupted; nothing was put", err=True)
            raise click.exceptions.Exit(exit_codes.INTERRUPTED) from None
    complain_of_error(session.client, place.commit)


def _one_folder(session: Session, names: list[str], plan: Plan) -> Folder | None:
    """The folder that is put, if it is one, of this machine, and nothing else is."""
    from calf.client.looks import cache_folder
    from calf.client.put import Folder

    name = names[0]
    if len(names) > 1 or name == STDIN or "://" in name or not (plan.recursive and Path(name).is_dir()):
        return None
    target = destination(name, plan, alone=True)
    where = cache_folder(session.environ)
    return Folder(str(Path(name).resolve()), target.rstrip("/"), find_sources(names, plan), where)


def _listed(input_file: Path | None) -> list[str]:
    if input_file is None:
        return []
    text = sys.stdin.read() if str(input_file) == STDIN else input_file.read_text()
    return [line.strip() for line in text.split("\n") if line.strip()]
