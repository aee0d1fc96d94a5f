"""pachctl list job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import click

from calf.cli import refs
from calf.cli.job_rows import show_jobs
from calf.cli.output import Output, output_options
from calf.cli.session import Session, all_projects_option, project_option
from calf.cli.states import state_filter
from calf.cli.words import moment
from calf.wire.messages import Message, pfs, pps
from calf.wire.times import read_time

_ENDED = ("JOB_SUCCESS", "JOB_FAILURE", "JOB_KILLED", "JOB_UNRUNNABLE")
_BAR = 8


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
@click.option("--history", default=0, help="Also jobs of so many older versions; -1: of all.")
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
    """
    where = session.project(project)
    projects = [] if all_projects else [pfs.Project(name=where)]
    if job_set:
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
        show_jobs(session.client.pps.ListJob(listing), output)
    else:
        sets = session.client.pps.ListJobSet(pps.ListJobSetRequest(projects=projects, number=number))
        headers = ("ID", "SUBJOBS", "PROGRESS", "CREATED", "MODIFIED")
        output.records(headers, sets, partial(_set_row, full=output.full_timestamps))


def _set_row(jobs: Message, *, full: bool) -> Sequence[str]:
    return (
        jobs.job_set.id,
        str(len(jobs.jobs)),
        bar(jobs.jobs),
        moment(min((info.created for info in jobs.jobs), key=read_time), full=full),
        moment(max((_changed(info) for info in jobs.jobs), key=read_time), full=full),
    )


def bar(jobs: Iterable[Message]) -> str:
    """Blocks for the jobs that succeeded, crosses for those that failed, dots for the rest."""
    states = [pps.JobState.Name(info.state) for info in jobs]
    bad = len([state for state in states if state in _ENDED[1:]])
    good = states.count(_ENDED[0])
    if len(states) > _BAR:
        good, bad = good * _BAR // len(states), -(-bad * _BAR // len(states))
    return ("▇" * good + "✗" * bad).ljust(min(_BAR, len(states)), "·")


def _changed(info: Message) -> Message:
    for name in ("finished", "started"):
        if info.HasField(name):
            return getattr(info, name)
    return info.created
