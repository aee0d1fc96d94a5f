"""pachctl list datum."""

from __future__ import annotations

from collections.abc import Sequence

import click

from calf.cli.job_at import job_at
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.spec_files import read_specs
from calf.cli.spec_text import SpecSource
from calf.views.failures import datum_files
from calf.views.states import datum_state
from calf.views.words import shorten, span
from calf.wire.messages import Message, pps
from calf.wire.times import read_duration

_LONGEST_FILES = 100


@click.command("datum")
@click.argument("job", required=False, metavar="PIPELINE@JOB")
@click.option(
    "-f", "--file", "source", metavar="SPEC", help="The datums that a pipeline with this spec would have."
)
@project_option
@output_options
@click.pass_obj
def command(
    session: Session, job: str | None, source: str | None, project: str | None, output: Output
) -> None:
    """List the datums of a job, or with -f those that a spec would make: the way to try a glob."""
    if bool(job) == bool(source):
        raise click.UsageError("name a job, or give a spec with -f")
    where = session.project(project)
    if job:
        request = pps.ListDatumRequest(job=job_at(session, job, project))
    else:
        request = pps.ListDatumRequest(input=_input(session, str(source), where))
    output.records(("ID", "FILES", "STATUS", "TIME"), session.client.pps.ListDatum(request), _row)


def _input(session: Session, source: str, project: str) -> Message:
    from calf.wire.documents import from_document

    spec = read_specs(session, SpecSource(source), project)[0].value
    request = from_document(spec, pps.CreatePipelineRequest(), lenient=True)
    _fill_projects(request.input, project)
    return request.input


def _fill_projects(node: Message, project: str) -> None:
    if node.HasField("pfs"):
        node.pfs.project = node.pfs.project or project
    for member in (*node.cross, *node.union, *node.join, *node.group):
        _fill_projects(member, project)


def _row(info: Message) -> Sequence[str]:
    stats = info.stats
    seconds = sum(map(read_duration, (stats.download_time, stats.process_time, stats.upload_time)))
    return (
        info.datum.id or "-",
        shorten(datum_files(info), _LONGEST_FILES),
        datum_state(info.state),
        span(seconds) if seconds else "-",
    )
