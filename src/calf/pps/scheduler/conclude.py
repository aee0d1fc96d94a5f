"""The end of a job that went well, in the rows: its commits are finished, a statement is made."""

from __future__ import annotations

from calf.model.pps_infos import JobInfo
from calf.model.statement.facts import ImageFacts
from calf.model.states import JobState
from calf.pfs import commits
from calf.pfs.transaction import Txn
from calf.pps.attest.attesting import attest
from calf.pps.jobs.end import end_badly
from calf.pps.jobs.move import move
from calf.pps.scheduler.base import Base
from calf.pps.scheduler.publish import Trees
from calf.pps.scheduler.work import Work


def conclude(
    txn: Txn, work: Work, info: JobInfo, built: Trees, base: Base | None, facts: ImageFacts
) -> JobInfo:
    """Finish the commits of a job with these trees, which are durable, and end it.

    SUCCESS, unless the trees of its datums clash: that shows only when the output is finished.
    """
    info = move(txn, info, JobState.FINISHING)
    error = commits.finish_with(txn, work.output, built.output).error
    if error:
        work.log("", f"{error}: a path may be written by one datum only, so name outputs after inputs")
        commits.set_root(txn, work.meta, built.meta)
        return end_badly(txn, info, JobState.FAILURE, error)
    commits.finish_with(txn, work.meta, built.meta)
    info = move(txn, info, JobState.SUCCESS)
    attest(work, txn, info, facts, base.job if base else None)
    return info
