"""pachctl stop job."""

from __future__ import annotations

import click

from calf.cli import refs
from calf.cli.job_at import job_at
from calf.cli.session import Session, project_option
from calf.wire.messages import pps, transaction

_REASON = "job stopped"


@click.command("job")
@click.argument("job", metavar="ID | PIPELINE@ID")
@project_option
@click.pass_obj
def command(session: Session, job: str, project: str | None) -> None:
    """Stop a job, or all jobs of a set."""
    if "@" in job:
        target = job_at(session, job, project)
        session.client.pps.StopJob(pps.StopJobRequest(job=target, reason=_REASON))
        return
    running = pps.InspectJobSetRequest(job_set=pps.JobSet(id=refs.set_id(job, "ID or PIPELINE@ID")))
    requests = [
        transaction.TransactionRequest(stop_job=pps.StopJobRequest(job=info.job, reason=_REASON))
        for info in session.client.pps.InspectJobSet(running)
        if not info.HasField("finished")
    ]
    if requests:
        session.client.transaction.BatchTransaction(transaction.BatchTransactionRequest(requests=requests))
