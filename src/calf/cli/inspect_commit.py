"""pachctl inspect commit."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.commit_rows import show_commit
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("commit")
@click.argument("commit")
@project_option
@output_options
@click.pass_obj
def command(session: Session, commit: str, project: str | None, output: Output) -> None:
    """Show a commit: where it comes from, how big it is, what is wrong with it."""
    target = refs.commit(commit, session.project(project))
    show_commit(session.client.pfs.InspectCommit(pfs.InspectCommitRequest(commit=target)), output)
