"""Deleting jobs: the record goes, the commits stay and can no longer serve as a base."""

from __future__ import annotations

from calf.db import datums, jobs
from calf.model.pps_infos import JobInfo
from calf.model.refs import Job, Pipeline
from calf.model.states import TERMINAL_JOB_STATES, JobState
from calf.pfs.transaction import Txn
from calf.pps.jobs.end import end_badly
from calf.pps.jobs.move import current


def delete(txn: Txn, job: Job) -> None:
    """Remove a job, stopped first if need be, and the list of its datums. Raises `NotFound`."""
    _delete(txn, current(txn, job))


def delete_all(txn: Txn, pipeline: Pipeline) -> None:
    """Remove all jobs of a pipeline that is about to go."""
    for info in jobs.of_pipeline(txn.tx, pipeline):
        _delete(txn, info)


def _delete(txn: Txn, info: JobInfo) -> None:
    if info.state not in TERMINAL_JOB_STATES:
        end_badly(txn, info, JobState.KILLED, "job deleted")
    number = jobs.number(txn.tx, info.job)
    if number is not None:
        datums.forget(txn.tx, number)
    jobs.delete(txn.tx, info.job)
    txn.record("job-deleted", info.job)
