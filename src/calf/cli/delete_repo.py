"""pachctl delete repo."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.active_transaction import active
from calf.cli.confirm import confirm, confirm_at_terminal
from calf.cli.session import Session, all_projects_option, project_option
from calf.model.errors import NotFound
from calf.wire.messages import pfs


@click.command("repo")
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="Delete all repos of the project.")
@all_projects_option
@click.option("-f", "--force", is_flag=True, help="Do not ask, and delete although others depend on it.")
@project_option
@click.pass_obj
def command(
    session: Session, name: str | None, every: bool, all_projects: bool, force: bool, project: str | None
) -> None:
    """Delete a repo with all its commits.

    \b
    pachctl delete repo images
    """
    if bool(name) == every:
        raise click.UsageError("name a repo, or give --all")
    where = session.project(project)
    if name:
        if not force:
            confirm_at_terminal(f"Delete repo {where}/{name} and all its commits?")
        request = pfs.DeleteRepoRequest(repo=refs.repo(name, where), force=force)
        if not session.client.pfs.DeleteRepo(request).deleted:
            raise NotFound(
                "No repo deleted.",
                f"there is no repo {where}/{name}: `pachctl list repo` shows what there is",
            )
        gathering = active(session)
        click.echo(f"gathered in transaction {gathering}" if gathering else "Repo deleted.")
        return
    if not force:
        confirm(f"Delete all repos {'of all projects' if all_projects else f'of project {where}'}?")
    bulk = pfs.DeleteReposRequest(
        projects=[] if all_projects else [pfs.Project(name=where)], all=all_projects, force=force
    )
    for repo in session.client.pfs.DeleteRepos(bulk).repos:
        click.echo(f"{repo.project.name}/{repo.name} deleted.")
