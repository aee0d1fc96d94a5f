"""pachctl list job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import click

from calf.cli import refs
from calf.cli.blocks import block_bar
from calf.cli.history import history_option
from calf.cli.job_rows import show_jobs
from calf.cli.output import Output, output_options
from calf.cli.session import Session, all_projects_option, project_option
from calf.cli.states import state_filter
from calf.model.names import is_id
from calf.views.words import moment
from calf.wire.messages import Message, pfs, pps
from calf.wire.times import read_time

_SET_HEADERS = ("ID", "SUBJOBS", "PROGRESS", "CREATED", "MODIFIED")


@click.command("job")
@click.argument("job_set", required=False, metavar="[ID]")
@click.option("-p", "--pipeline", help="Only jobs of this pipeline.")
@click.option("-x", "--expand", is_flag=True, help="Show every job instead of sets.")
@click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    metavar="REPO@COMMIT",
    help="Only jobs that read this commit; repeatable.",
)
@history_option
@click.option("--state", "states", multiple=True, help="Only jobs in this state; repeatable.")
@click.option("-n", "--number", default=0, help="At most so many.")
@all_projects_option
@project_option
@output_options
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    job_set: str | None,
    pipeline: str | None,
    expand: bool,
    inputs: tuple[str, ...],
    history: int,
    states: tuple[str, ...],
    number: int,
    all_projects: bool,
    project: str | None,
    output: Output,
) -> None:
    """List jobs: sets that one change started, the jobs of one set, or those of a pipeline.

    \b
    pachctl list job                 every change and what it started
    pachctl list job ID              the jobs of one change
    pachctl list job -p edges        the jobs of a pipeline
    pachctl list job -x --state failure
    pachctl list job -i images@master
    """
    where = session.project(project)
    projects = [] if all_projects else [pfs.Project(name=where)]
    if job_set:
        if not is_id(job_set):
            raise click.UsageError(
                f"{job_set!r} is not an ID; `list job -p {job_set}` lists a pipeline's jobs"
            )
        request = pps.InspectJobSetRequest(job_set=pps.JobSet(id=job_set))
        show_jobs(session.client.pps.InspectJobSet(request), output)
    elif pipeline or expand or inputs or states:
        listing = pps.ListJobRequest(
            pipeline=refs.pipeline(pipeline, where) if pipeline else None,
            input_commit=[refs.commit(each, where) for each in inputs],
            history=history,
            projects=projects,
            number=number,
            jqFilter=state_filter("JOB_", states, pps.JobState.keys()[1:]) if states else "",
        )
        show_jobs(_of_pipeline(session, listing), output)
    else:
        sets = session.client.pps.ListJobSet(pps.ListJobSetRequest(projects=projects, number=number))
        output.records(_SET_HEADERS, sets, partial(_set_row, full=output.full_timestamps))


def _of_pipeline(session: Session, listing: Message) -> Iterator[Message]:
    """The jobs as they come; when there are none, raises NotFound for a pipeline that is not there."""
    empty = True
    for info in session.client.pps.ListJob(listing):
        empty = False
        yield info
    if empty and listing.HasField("pipeline"):
        session.client.pps.InspectPipeline(pps.InspectPipelineRequest(pipeline=listing.pipeline))


def _set_row(jobs: Message, *, full: bool) -> Sequence[str]:
    return (
        jobs.job_set.id,
        str(len(jobs.jobs)),
        _bar(jobs.jobs),
        moment(min((info.created for info in jobs.jobs), key=read_time), full=full),
        moment(max((_changed(info) for info in jobs.jobs), key=read_time), full=full),
    )


def _bar(jobs: Sequence[Message]) -> str:
    bad_states = (pps.JOB_FAILURE, pps.JOB_KILLED, pps.JOB_UNRUNNABLE)
    good = sum(info.state == pps.JOB_SUCCESS for info in jobs)
    bad = sum(info.state in bad_states for info in jobs)
    return block_bar(good, len(jobs) - good - bad, bad)


def _changed(info: Message) -> Message:
    for name in ("finished", "started"):
        if info.HasField(name):
            return getattr(info, name)
    return info.created
