"""pachctl logs."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.job_at import job_at
from calf.cli.retired_options import retired_options
from calf.cli.session import Session, project_option
from calf.kit import durations
from calf.views.words import printable
from calf.wire.messages import Message, pps
from calf.wire.times import write_duration

_TAIL = "tail has been deprecated and removed from Pachyderm, use --since instead"


@click.command("logs")
@click.option("-p", "--pipeline", help="The logs of this pipeline's jobs.")
@click.option("-j", "--job", metavar="PIPELINE@JOB", help="The logs of this job.")
@click.option("--datum", default="", metavar="ID", help="Only those of this datum.")
@click.option(
    "--inputs",
    default="",
    metavar="A,B,...",
    help="Only datums that have all of these files (paths or hashes).",
)
@click.option("--master", is_flag=True, help="The engine's own words about jobs.")
@click.option("--worker", is_flag=True, help="Also the engine's words about datums.")
@click.option("-f", "--follow", is_flag=True, help="Go on as lines come, until interrupted.")
@click.option("--since", default="24h", show_default=True, help="No lines older than this.")
@retired_options({"--tail": _TAIL})
@click.option("--raw", is_flag=True, help="Print the API's own records, JSON.")
@project_option
@click.pass_obj
def command(  # noqa: PLR0913 - one parameter an option
    session: Session,
    pipeline: str | None,
    job: str | None,
    datum: str,
    inputs: str,
    master: bool,
    worker: bool,
    follow: bool,
    since: str,
    raw: bool,
    project: str | None,
) -> None:
    """Show what stages printed.

    \b
    pachctl logs -p edges
    pachctl logs -j edges@JOB --datum ID
    pachctl logs -p edges -f
    """
    where = session.project(project)
    request = pps.GetLogsRequest(
        data_filters=[name for name in inputs.split(",") if name],
        master=master,
        follow=follow,
        since=write_duration(_age(since)),
    )
    if job:
        request.job.CopyFrom(job_at(session, job, project))
    if pipeline:
        request.pipeline.CopyFrom(refs.pipeline(pipeline, where))
    if datum:
        request.datum.CopyFrom(pps.Datum(id=datum, job=request.job if job else None))
    every = master or worker or raw
    shown = hidden = False
    for line in session.client.pps.GetLogs(request):
        if every or line.user:
            _show(line, raw=raw)
            shown = True
        else:
            hidden = True
    if datum and job and not shown:  # none of such a name, or one that printed nothing
        session.client.pps.InspectDatum(pps.InspectDatumRequest(datum=request.datum))
    if hidden and not shown:
        click.echo("hint: stages printed nothing; --worker shows what the engine says of them", err=True)


def _age(text: str) -> float:
    try:
        return durations.parse(text)
    except ValueError as error:
        raise click.UsageError(f"--since: {error}") from error


def _show(line: Message, *, raw: bool) -> None:
    if raw:
        from calf.cli.output import render

        click.echo(render(line, "json"), nl=False)
    else:
        click.echo("\t".join(printable(part) for part in line.message.split("\t")))
