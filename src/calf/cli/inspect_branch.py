"""pachctl inspect branch."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.labels import print_labels, repo_name
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.words import moment
from calf.wire.messages import pfs


@click.command("branch")
@click.argument("branch")
@project_option
@output_options
@click.pass_obj
def command(session: Session, branch: str, project: str | None, output: Output) -> None:
    """Show a branch: its head and what it is computed from."""
    target = refs.branch(branch, session.project(project))
    info = session.client.pfs.InspectBranch(pfs.InspectBranchRequest(branch=target))
    if output.raw:
        output.documents([info])
        return
    sources = [f"{each.repo.project.name}/{repo_name(each.repo)}@{each.name}" for each in info.provenance]
    print_labels(
        [
            ("Name", f"{info.branch.repo.name}@{info.branch.name}"),
            ("Head Commit", f"{info.branch.repo.name}@{info.head.id}"),
            ("Provenance", ", ".join(sources)),
            ("Trigger", f"on {info.trigger.branch}" if info.trigger.branch else ""),
            ("Created", moment(info.created_at, full=output.full_timestamps)),
        ]
    )
