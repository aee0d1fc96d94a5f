"""pachctl export, and calf export."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from calf.cli import refs
from calf.cli.progress import progress_bar
from calf.cli.session import Session, project_option, server_option
from calf.kit import exit_codes
from calf.views.labels import repo_name
from calf.views.words import many

_STDOUT = Path("-")


@click.command("export")
@click.argument("commit", metavar="REPO@COMMIT")
@click.option(
    "--to",
    "-o",
    "--output",
    "into",
    metavar="FILE.tar",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Where to write; - or nothing: standard output.",
)
@click.option("--progress/--no-progress", default=True, help="Show a bar on a terminal.")
@server_option
@project_option
@click.pass_obj
def command(session: Session, commit: str, into: Path | None, progress: bool, project: str | None) -> None:
    """Write a commit as an archive: its files, their digests, and what it was made from.

    `import` takes it into any other Pachyderm, calf or a cluster; `tar` takes it apart: the files are below
    files/, manifest.jsonl has the SHA-256 and BLAKE3 of each. The same commit gives the same bytes.

    \b
    calf export model@master --to model.tar
    calf export --server cluster labels@master | tar -t
    """
    from calf.client.exporting import export_commit, finished_commit
    from calf.client.new_file import new_file

    into = None if into == _STDOUT else into
    if into is None and sys.stdout.isatty():
        raise click.UsageError("an archive is nothing to look at: name a file with --to")
    info = finished_commit(session.client, refs.commit(commit, session.project(project)))
    size = info.details.size_bytes or info.size_bytes_upper_bound
    with (
        new_file(into) if into else nullcontext(sys.stdout.buffer) as output,
        progress_bar("export", lambda: size, wanted=progress) as advance,
    ):
        try:
            total = export_commit(session.client, info, output, advance)
            output.flush()
        except KeyboardInterrupt:
            click.echo("error: interrupted; no archive was made", err=True)
            raise click.exceptions.Exit(exit_codes.INTERRUPTED) from None
    name = f"{repo_name(info.commit.repo)}@{info.commit.id}"
    where = f"{into}: " if into else ""
    click.echo(f"{where}{many(total.files, 'file')}, {many(total.size, 'byte')} of {name}", err=True)
