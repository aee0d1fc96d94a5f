"""The start of a job: its datums are listed, once and for all, and it is RUNNING."""

from __future__ import annotations

from dataclasses import replace

from calf.db import datums
from calf.model.states import JobState
from calf.pps.datums import check_number
from calf.pps.jobs.move import current, move
from calf.pps.scheduler.listing import Listing
from calf.pps.scheduler.work import Work


def begin(work: Work, listing: Listing) -> None:
    """Write the list of the datums and put the job into RUNNING.

    A job that was RUNNING before (the server was restarted) counts one restart; what ran in it with the same
    identity keeps its result.
    """
    with work.pps.pfs.transaction() as txn:
        info = current(txn, work.job)
        if info.state is not JobState.STARTING:
            again = 0 if info.state is JobState.CREATED else 1
            info = move(txn, replace(info, restarts=info.restarts + again), JobState.STARTING)
        listing.write(txn.tx)
        counts = datums.counts(txn.tx, work.number)
        check_number(counts.total)
        info = replace(
            info,
            counts=counts,
            stats=datums.stats(txn.tx, work.number),
            image=work.image,
            started=info.started or txn.now,
        )
        info = move(txn, info, JobState.RUNNING)
    work.log("", f"datums in this job: {info.counts.total}")
    if work.image.stand_in:
        work.log(
            "", f"image {work.image.name} was not built here: this machine's own system stands in for it"
        )
