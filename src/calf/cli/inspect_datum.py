"""pachctl inspect datum."""

from __future__ import annotations

import click

from calf.cli.colours import paint
from calf.cli.job_at import job_at
from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.session import Session, project_option
from calf.cli.table import print_table
from calf.kit import durations, sizes
from calf.views.labels import repo_name
from calf.views.states import datum_state
from calf.views.words import paragraph
from calf.wire.messages import Message, pps
from calf.wire.times import read_duration


@click.command("datum")
@click.argument("job", metavar="PIPELINE@JOB")
@click.argument("datum")
@project_option
@output_options
@click.pass_obj
def command(session: Session, job: str, datum: str, project: str | None, output: Output) -> None:
    """Show a datum: its files, what became of it, what it cost, and where its record is kept."""
    target = pps.Datum(job=job_at(session, job, project), id=datum)
    info = session.client.pps.InspectDatum(pps.InspectDatumRequest(datum=target))
    if output.raw:
        output.documents([info])
        return
    print_labels(_labels(info))
    click.echo("\nPFS State:")
    state = info.pfs_state
    print_table(("REPO", "COMMIT", "PATH"), [(repo_name(state.commit.repo), state.commit.id, state.path)])
    click.echo("\nInputs:")
    print_table(
        ("REPO", "COMMIT", "PATH"),
        [(repo_name(each.file.commit.repo), each.file.commit.id, each.file.path) for each in info.data],
    )


def _labels(info: Message) -> list[tuple[str, str]]:
    times = [
        read_duration(each)
        for each in (info.stats.download_time, info.stats.process_time, info.stats.upload_time)
    ]
    names = ("Total Time", "Download Time", "Process Time", "Upload Time")
    return [
        ("ID", info.datum.id),
        ("Job ID", info.datum.job.id),
        ("Image ID", info.image_id),
        ("State", paint(datum_state(info.state))),
        ("Reason", paragraph(info.calf.reason)),
        ("Data Downloaded", sizes.format(info.stats.download_bytes)),
        ("Data Uploaded", sizes.format(info.stats.upload_bytes)),
        *(
            (name, durations.format(seconds))
            for name, seconds in zip(names, [sum(times), *times], strict=True)
        ),
    ]
