"""pachctl delete project."""

from __future__ import annotations

import click

from calf.cli.confirm import confirm
from calf.cli.session import Session
from calf.wire.messages import pfs, pps


@click.command("project")
@click.argument("name")
@click.option("-f", "--force", is_flag=True, help="Do not ask, and delete what is in it.")
@click.pass_obj
def command(session: Session, name: str, force: bool) -> None:
    """Delete a project, after asking, with the pipelines and repos in it."""
    client, project = session.client, pfs.Project(name=name)
    client.pfs.InspectProject(pfs.InspectProjectRequest(project=project))
    pipelines = list(client.pps.ListPipeline(pps.ListPipelineRequest(projects=[project])))
    repos = list(client.pfs.ListRepo(pfs.ListRepoRequest(type="user", projects=[project])))
    if not force:
        inside = [info.pipeline.name for info in pipelines] + [info.repo.name for info in repos]
        what = f" and all in it ({', '.join(dict.fromkeys(inside))})" if inside else ""
        confirm(f"Delete project {name}{what}?")
    for info in pipelines:
        client.pps.DeletePipeline(pps.DeletePipelineRequest(pipeline=info.pipeline, force=True))
    for info in client.pfs.ListRepo(pfs.ListRepoRequest(type="user", projects=[project])):
        client.pfs.DeleteRepo(pfs.DeleteRepoRequest(repo=info.repo, force=True))
    client.pfs.DeleteProject(pfs.DeleteProjectRequest(project=project, force=force))
    click.echo("Project deleted.")
