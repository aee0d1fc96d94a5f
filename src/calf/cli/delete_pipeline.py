"""pachctl delete pipeline."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.confirm import confirm, confirm_at_terminal
from calf.cli.session import Session, all_projects_option, project_option
from calf.wire.messages import pfs, pps


@click.command("pipeline")
@click.argument("pipeline", required=False)
@click.option("--all", "every", is_flag=True, help="Delete all pipelines of the project.")
@all_projects_option
@click.option("-f", "--force", is_flag=True, help="Do not ask, and delete although others depend on it.")
@click.option("--keep-repo", is_flag=True, help="Keep the output repo.")
@project_option
@click.pass_obj
def command(
    session: Session,
    pipeline: str | None,
    every: bool,
    all_projects: bool,
    force: bool,
    keep_repo: bool,
    project: str | None,
) -> None:
    """Delete a pipeline, its jobs and its output."""
    if bool(pipeline) == every:
        raise click.UsageError("name a pipeline, or give --all")
    where = session.project(project)
    if pipeline:
        if not force:
            output = "" if keep_repo else " and its output"
            confirm_at_terminal(f"Delete pipeline {where}/{pipeline}{output}?")
        target = refs.pipeline(pipeline, where)
        session.client.pps.DeletePipeline(
            pps.DeletePipelineRequest(pipeline=target, force=force, keep_repo=keep_repo, must_exist=True)
        )
        return
    if not force:
        confirm(f"Delete all pipelines {'of all projects' if all_projects else f'of project {where}'}?")
    session.client.pps.DeletePipelines(
        pps.DeletePipelinesRequest(
            projects=[] if all_projects else [pfs.Project(name=where)],
            all=all_projects,
            force=force,
            keep_repo=keep_repo,
        )
    )
