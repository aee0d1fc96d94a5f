"""pachctl list pipeline."""

from __future__ import annotations

import json
from functools import partial

import click

from calf.cli import refs
from calf.cli.history import history_option
from calf.cli.output import Output, output_options
from calf.cli.project_first import in_project
from calf.cli.session import Session, all_projects_option, project_option
from calf.cli.states import state_filter
from calf.views.input_words import shorthand
from calf.views.states import job_state, pipeline_state, short
from calf.views.words import moment
from calf.wire.messages import Message, pfs, pps

_HEADERS = ("PROJECT", "NAME", "VERSION", "INPUT", "CREATED", "STATE / LAST JOB", "ALERTS", "DESCRIPTION")


@click.command("pipeline")
@click.argument("pipeline", required=False)
@click.option("-s", "--spec", is_flag=True, help="Print the specs.")
@history_option
@click.option(
    "-c", "--commit", "commit_set", default="", metavar="ID", help="As they were in this commit set."
)
@click.option("--state", "states", multiple=True, help="Only pipelines in this state; repeatable.")
@all_projects_option
@project_option
@output_options
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    pipeline: str | None,
    spec: bool,
    history: int,
    commit_set: str,
    states: tuple[str, ...],
    all_projects: bool,
    project: str | None,
    output: Output,
) -> None:
    """List pipelines, with their state and that of their last job."""
    where = session.project(project)
    request = pps.ListPipelineRequest(
        pipeline=refs.pipeline(pipeline, where) if pipeline else None,
        history=history,
        details=True,
        commit_set=pfs.CommitSet(id=commit_set) if commit_set else None,
        projects=[] if all_projects else [pfs.Project(name=where)],
        jqFilter=state_filter("PIPELINE_", states, pps.PipelineState.keys()[1:]) if states else "",
    )
    infos = in_project(session, project, session.client.pps.ListPipeline(request))
    if spec and not output.raw:
        for info in infos:
            click.echo(json.dumps(json.loads(info.user_spec_json), indent=2, ensure_ascii=False))
    else:
        output.records(_HEADERS, infos, partial(_row, full=output.full_timestamps))


def _row(info: Message, *, full: bool) -> tuple[str, ...]:
    last = job_state(info.last_job_state) if info.last_job_state else "-"
    return (
        info.pipeline.project.name,
        info.pipeline.name,
        str(info.version),
        shorthand(info.details.input),
        moment(info.details.created_at, full=full),
        f"{pipeline_state(info.state)} / {last}",
        short(info.reason) or "-",
        info.details.description,
    )
