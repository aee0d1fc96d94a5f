"""pachctl glob file."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.file_rows import show_files
from calf.cli.output import Output, output_options
from calf.cli.repo_first import blame_repo_first
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("file")
@click.argument("pattern", metavar='"REPO@COMMIT:PATTERN"')
@project_option
@output_options
@click.pass_obj
def command(session: Session, pattern: str, project: str | None, output: Output) -> None:
    """List the files and folders whose path matches a pattern.

    \b
    pachctl glob file "images@master:/**.jpg"
    pachctl glob file "images@master:/{cat,dog}_*"
    """
    target = refs.file(pattern, session.project(project))
    request = pfs.GlobFileRequest(commit=target.commit, pattern=target.path)
    with blame_repo_first(session.client, target):
        show_files(session.client.pfs.GlobFile(request), output)
