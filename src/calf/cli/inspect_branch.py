"""pachctl inspect branch."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.triggers import trigger_words
from calf.views.labels import repo_name
from calf.views.words import moment, printable
from calf.wire.messages import pfs


@click.command("branch")
@click.argument("branch", metavar="REPO@BRANCH")
@project_option
@output_options
@click.pass_obj
def command(session: Session, branch: str, project: str | None, output: Output) -> None:
    """Show a branch: its head, what it is computed from, and what it follows.

    \b
    pachctl inspect branch images@master
    """
    target = refs.branch(branch, session.project(project))
    info = session.client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=target))
    if output.raw:
        output.documents([info])
        return
    sources = [f"{each.repo.project.name}/{repo_name(each.repo)}@{each.name}" for each in info.provenance]
    print_labels(
        [
            ("Name", f"{repo_name(info.branch.repo)}@{info.branch.name}"),
            ("Head Commit", f"{repo_name(info.branch.repo)}@{info.head.id}" if info.head.id else ""),
            ("Provenance", ", ".join(sources)),
            ("Trigger", trigger_words(info.trigger)),
            ("Created by", info.created_by),
            ("Created at", moment(info.created_at, full=output.full_timestamps)),
            *((key, printable(value)) for key, value in sorted(info.metadata.items())),
        ]
    )
