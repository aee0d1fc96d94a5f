"""What a job builds on: the last job whose output is good, or may yet turn out to be."""

from __future__ import annotations

from dataclasses import dataclass

from calf.db import commits as commit_rows
from calf.db import jobs
from calf.db.tx import Tx
from calf.model.refs import Job
from calf.model.states import TERMINAL_JOB_STATES, JobState, OriginKind
from calf.pps.scheduler.work import Work

_BAD = TERMINAL_JOB_STATES - {JobState.SUCCESS}


@dataclass(frozen=True, slots=True)
class Base:
    """The job built on; not `settled` while it is under way and may still fail."""

    job: Job
    number: int
    settled: bool


def choose_base(tx: Tx, work: Work) -> Base | None:
    """The job of the nearest ancestor that the graph made, that has no error, and whose job exists.

    A job that ended badly is never one, whatever its commit says.
    """
    row = commit_rows.get(tx, work.output)
    for ancestor in commit_rows.line(tx, row.parent) if row else ():
        job = Job(work.job.pipeline, ancestor.commit.id)
        info, number = jobs.get(tx, job), jobs.number(tx, job)
        good = ancestor.origin is OriginKind.AUTO and not (ancestor.error or ancestor.forgotten)
        if good and info is not None and number is not None and info.state not in _BAD:
            return Base(job, number, settled=info.state is JobState.SUCCESS)
    return None


def is_gone(tx: Tx, base: Base | None) -> bool:
    """Whether the base was deleted meanwhile, and with it the list of what its datums wrote."""
    return base is not None and jobs.get(tx, base.job) is None


def wait_until_ended(work: Work, base: Base) -> None:
    """Wait for the base to end, well or badly, or to be deleted. Raises `Cancelled`."""

    def ended(tx: Tx) -> bool | None:
        info = jobs.get(tx, base.job)
        return True if info is None or info.state in TERMINAL_JOB_STATES else None

    work.pps.pfs.db.wait(ended, work.cancel)
