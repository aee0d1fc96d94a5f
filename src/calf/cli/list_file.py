"""pachctl list file."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.file_rows import show_files
from calf.cli.output import Output, output_options
from calf.cli.repo_first import blame_repo_first
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("file")
@click.argument("file", metavar="REPO@COMMIT[:PATH]")
@project_option
@output_options
@click.pass_obj
def command(session: Session, file: str, project: str | None, output: Output) -> None:
    """List what is in a folder of a commit.

    \b
    pachctl list file images@master
    pachctl list file images@master^:/cats
    """
    target = refs.file(file, session.project(project), path="/")
    with blame_repo_first(session.client, target):
        show_files(session.client.pfs.ListFile(pfs.ListFileRequest(file=target)), output)
