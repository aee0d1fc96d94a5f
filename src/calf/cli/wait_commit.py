"""pachctl wait commit."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.commit_rows import show_commit, show_commits
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.wire.messages import pfs


@click.command("commit")
@click.argument("commit", metavar="ID | REPO@COMMIT")
@project_option
@output_options
@click.pass_obj
def command(session: Session, commit: str, project: str | None, output: Output) -> None:
    """Wait until a commit, or every commit of a set, is finished, and show it."""
    if "@" in commit:
        target = refs.commit(commit, session.project(project))
        request = pfs.InspectCommitRequest(commit=target, wait=pfs.FINISHED)
        show_commit(session.client.pfs.InspectCommit(request), output)
        return
    whole = pfs.InspectCommitSetRequest(commit_set=pfs.CommitSet(id=commit), wait=True)
    show_commits(session.client.pfs.InspectCommitSet(whole), output)
