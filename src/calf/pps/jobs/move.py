"""The one door through which a job changes its state."""

from __future__ import annotations

from dataclasses import replace

from calf.db import datum_lists, jobs
from calf.db.tx import Tx
from calf.model.errors import Internal, WrongState
from calf.model.not_found import job_not_found
from calf.model.pps_infos import JobInfo
from calf.model.refs import Job
from calf.model.states import TERMINAL_JOB_STATES, JobState, job_may_become
from calf.pfs.transaction import Txn

CHANGED = "job-changed"
NOTED = "job-noted"
"""The ledger's word for what no other job waits for, so that the scheduler need not look."""


def current(txn: Txn, job: Job) -> JobInfo:
    """The job as it stands now. Raises `NotFound`."""
    info = jobs.get(txn.tx, job)
    if info is None:
        raise job_not_found(job)
    return info


def unfinished(tx: Tx, job: Job) -> JobInfo | None:
    """The job as it stands now, if there is one and it has not ended."""
    info = jobs.get(tx, job)
    return None if info is None or info.state in TERMINAL_JOB_STATES else info


def move(txn: Txn, info: JobInfo, state: JobState, reason: str = "", waits: int = 0) -> JobInfo:
    """Put a job, with whatever else changed in `info`, into a state; gives the record as written.

    `info` must come from this transaction; `waits` goes with the reason. Raises `WrongState` when the job has
    ended already. A move that the table of states forbids is our own mistake and raises `Internal`.
    """
    old = current(txn, info.job)
    if old.state in TERMINAL_JOB_STATES:
        raise already_finished(info.job)
    if not job_may_become(old.state, state):
        raise Internal(f"job {info.job} cannot go from {old.state.name} to {state.name}")
    ended = txn.now if state in TERMINAL_JOB_STATES else 0.0
    moved = _write(
        txn,
        replace(info, state=state, reason=reason, waits=waits, finished=ended),
        CHANGED if _is_news(txn.tx, info, state) else NOTED,
    )
    if ended and (number := jobs.number(txn.tx, info.job)) is not None:
        datum_lists.seal(txn.tx, number)
    return moved


def save(txn: Txn, info: JobInfo) -> JobInfo:
    """Write what else changes of a job, such as its counts, with a line in the ledger."""
    return _write(txn, info, NOTED)


def _is_news(tx: Tx, info: JobInfo, state: JobState) -> bool:
    """Whether the scheduler has to look: a job's end lets others begin, its list the next one in its line."""
    return state in TERMINAL_JOB_STATES or (state is JobState.RUNNING and jobs.is_followed(tx, info))


def _write(txn: Txn, info: JobInfo, kind: str) -> JobInfo:
    jobs.update(txn.tx, info)
    txn.record(kind, info.job)
    return info


def already_finished(job: Job) -> WrongState:
    """The job has ended, so nothing about it changes any more."""
    return WrongState(f"job {job} has already finished")
