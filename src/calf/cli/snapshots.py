"""pachctl create|list|inspect|delete snapshot: copies of everything, which only a cluster makes."""

from __future__ import annotations

import click

from calf.cli.labels import print_labels
from calf.cli.output import Output, output_options
from calf.cli.passing import hinting
from calf.cli.session import Session
from calf.views.words import moment
from calf.wire.messages import Message, snapshot

_INSTEAD = "`calf backup FOLDER` copies all that calf holds, while it runs; `calf restore` gives it back"


@click.command("snapshot")
@click.option("-m", "--metadata", multiple=True, metavar="KEY=VALUE", help="A note on it; repeatable.")
@click.pass_obj
def create(session: Session, metadata: tuple[str, ...]) -> None:
    """Take a snapshot of everything, and print its id."""
    notes = dict(each.partition("=")[::2] for each in metadata)
    with hinting(_INSTEAD):
        click.echo(session.client.snapshot.CreateSnapshot(snapshot.CreateSnapshotRequest(metadata=notes)).id)


@click.command("snapshot")
@click.option("-n", "--limit", default=0, help="At most so many.")
@output_options
@click.pass_obj
def list_(session: Session, limit: int, output: Output) -> None:
    """List the snapshots."""
    request = snapshot.ListSnapshotRequest(limit=limit)
    with hinting(_INSTEAD):
        output.records(
            ("ID", "CHUNKSET", "VERSION", "CREATED"),
            (answer.info for answer in session.client.snapshot.ListSnapshot(request)),
            lambda info: (
                str(info.id),
                str(info.chunkset_id),
                info.pachyderm_version,
                moment(info.created_at, full=output.full_timestamps),
            ),
        )


@click.command("snapshot")
@click.argument("number", type=int, metavar="ID")
@output_options
@click.pass_obj
def inspect(session: Session, number: int, output: Output) -> None:
    """Show a snapshot."""
    with hinting(_INSTEAD):
        answer = session.client.snapshot.InspectSnapshot(snapshot.InspectSnapshotRequest(id=number))
    if output.raw:
        output.documents([answer])
    else:
        print_labels(_labels(answer, full=output.full_timestamps))


def _labels(answer: Message, *, full: bool) -> list[tuple[str, str]]:
    info = answer.info
    return [
        ("ID", str(info.id)),
        ("Chunkset", str(info.chunkset_id)),
        ("Fileset", answer.fileset),
        ("Version", info.pachyderm_version),
        ("Created", moment(info.created_at, full=full)),
        *sorted(info.metadata.items()),
    ]


@click.command("snapshot")
@click.argument("number", type=int, metavar="ID")
@click.pass_obj
def delete(session: Session, number: int) -> None:
    """Delete a snapshot."""
    with hinting(_INSTEAD):
        session.client.snapshot.DeleteSnapshot(snapshot.DeleteSnapshotRequest(id=number))
