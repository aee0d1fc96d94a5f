"""pachctl list repo."""

from __future__ import annotations

import click

from calf.cli.output import Output, output_options
from calf.cli.project_first import in_project
from calf.cli.session import Session, all_projects_option, project_option
from calf.kit import sizes
from calf.views.labels import repo_name
from calf.views.words import moment
from calf.wire.messages import Message, pfs


@click.command("repo")
@click.option(
    "--all", "every", is_flag=True, help="Repos of every type, also those that hold specs and metadata."
)
@click.option(
    "--type",
    "kind",
    default="user",
    show_default=True,
    help="Only repos of this type: user, spec, meta, or all.",
)
@all_projects_option
@project_option
@output_options
@click.pass_obj
def command(
    session: Session, every: bool, kind: str, all_projects: bool, project: str | None, output: Output
) -> None:
    """List repos.

    \b
    pachctl list repo
    pachctl list repo --type spec -A
    """
    projects = [] if all_projects else [pfs.Project(name=session.project(project))]
    request = pfs.ListRepoRequest(type="" if every or kind == "all" else kind, projects=projects)
    infos = in_project(session, project, session.client.pfs.ListRepo(request))
    output.records(
        ("PROJECT", "NAME", "CREATED", "SIZE (MASTER)", "DESCRIPTION"),
        infos,
        lambda info: (
            info.repo.project.name,
            repo_name(info.repo),
            moment(info.created, full=output.full_timestamps),
            _size(info),
            info.description,
        ),
    )


def _size(info: Message) -> str:
    if info.HasField("details"):
        return sizes.format(info.details.size_bytes)
    return f"≤ {sizes.format(info.size_bytes_upper_bound)}"
