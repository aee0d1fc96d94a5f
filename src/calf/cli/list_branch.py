"""pachctl list branch."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.triggers import trigger_words
from calf.views.words import moment
from calf.wire.messages import pfs


@click.command("branch")
@click.argument("repo")
@click.option("-r", "--reverse", is_flag=True, help="Oldest first.")
@project_option
@output_options
@click.pass_obj
def command(session: Session, repo: str, reverse: bool, project: str | None, output: Output) -> None:
    """List the branches of a repo, newest first.

    \b
    pachctl list branch images
    """
    request = pfs.ListBranchRequest(repo=refs.repo(repo, session.project(project)), reverse=reverse)
    infos = session.client.pfs.ListBranch(request)
    output.records(
        ("BRANCH", "HEAD", "TRIGGER", "CREATOR", "CREATED"),
        infos,
        lambda info: (
            info.branch.name,
            info.head.id or "-",
            trigger_words(info.trigger) or "-",
            info.created_by or "-",
            moment(info.created_at, full=output.full_timestamps),
        ),
    )
