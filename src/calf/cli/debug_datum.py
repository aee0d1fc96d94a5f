"""pachctl debug datum."""

from __future__ import annotations

from pathlib import Path

import click

from calf.cli import refs
from calf.cli.only_ours import only_ours
from calf.cli.session import Session, project_option
from calf.model.errors import InvalidArgument
from calf.wire.messages import Message, calf_pps, pps

_SHORT = 12
_WHOLE = 64


@click.command("datum")
@click.argument("job", metavar="PIPELINE@JOB")
@click.argument("datum")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@project_option
@click.pass_obj
def command(session: Session, job: str, datum: str, folder: Path | None, project: str | None) -> None:
    """Lay out what a datum's stage saw, in a folder, to run it there by hand; the start of its id will do.

    \b
    pachctl debug datum edges@JOB DATUM ./try
    ./try/run.sh            the stage, as the job ran it
    ./try/run.sh sh         a shell where the stage would be

    The folder gets /pfs with the inputs, the variables in datum.env, what the job left of the output in
    job-output, and run.sh.
    """
    from calf.cli.datum_folder import lay_out

    target = _find(session, refs.job(job, session.project(project)), datum)
    kept = f"{target.job.pipeline.name}.meta@{target.job.id}:/pfs/{target.id}"
    with only_ours("debug datum", f"`pachctl get file -r {kept} -o DIR` gets the files"):
        kit = session.client.call("/calf_pps_v1.API/DebugDatum", calf_pps.DebugDatumRequest(datum=target))
    into = folder or Path(f"datum-{target.id[:_SHORT]}")
    lay_out(session.client, kit, into)
    _explain(kit, into)


def _find(session: Session, job: Message, start: str) -> Message:
    """The datum whose id begins so. A whole id is taken as it is, and any is where the server is not ours."""
    if len(start) >= _WHOLE or not session.client.serves_batches():
        return pps.Datum(job=job, id=start)
    listed = session.client.pps.ListDatum(pps.ListDatumRequest(job=job))
    found = [info.datum for info in listed if info.datum.id.startswith(start)]
    if len(found) > 1:
        raise InvalidArgument(f"{len(found)} datums begin with {start}", "give more of the id")
    return found[0] if found else pps.Datum(job=job, id=start)


def _explain(kit: Message, into: Path) -> None:
    click.echo(f"{into}/pfs         what the stage sees as /pfs; it writes to {into}/pfs/out")
    if (into / "job-output").exists():
        click.echo(f"{into}/job-output  what it left in the job")
    click.echo(f"{into}/datum.env   its variables")
    click.echo(f"{into}/run.sh      runs it; `{into}/run.sh sh` opens a shell in its place")
    if kit.datum_batching:
        click.echo("hint: the stage batches datums; by hand there is no next one to ask for", err=True)
