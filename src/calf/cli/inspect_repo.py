"""pachctl inspect repo."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.kit import sizes
from calf.views.labels import repo_name
from calf.views.words import moment, printable
from calf.wire.messages import pfs


@click.command("repo")
@click.argument("name")
@project_option
@output_options
@click.pass_obj
def command(session: Session, name: str, project: str | None, output: Output) -> None:
    """Show a repo.

    \b
    pachctl inspect repo images
    """
    repo = refs.repo(name, session.project(project))
    info = session.client.pfs.InspectRepo(pfs.InspectRepoRequest(repo=repo))
    if output.raw:
        output.documents([info])
        return
    print_labels(
        [
            ("Name", repo_name(info.repo)),
            ("Description", printable(info.description)),
            ("Created", moment(info.created, full=output.full_timestamps)),
            ("Size of HEAD on master", sizes.format(info.details.size_bytes)),
            ("Access level", ", ".join(info.auth_info.roles)),
            ("Project", info.repo.project.name),
            *((key, printable(value)) for key, value in sorted(info.metadata.items())),
        ]
    )
