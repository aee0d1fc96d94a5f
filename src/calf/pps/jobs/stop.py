"""Stopping jobs. The thread that works on one sees it in the rows and leaves."""

from __future__ import annotations

from calf.db import jobs
from calf.model.pps_infos import JobInfo
from calf.model.refs import Job, Pipeline
from calf.model.states import TERMINAL_JOB_STATES, JobState
from calf.pfs.transaction import Txn
from calf.pps.jobs.end import end_badly
from calf.pps.jobs.move import current


def stop(txn: Txn, job: Job, reason: str = "") -> JobInfo:
    """Kill a job; jobs that read its output become unrunnable. One that has ended stays as it is.

    Who stops a job races with its end and cannot know who wins. Raises `NotFound`.
    """
    info = current(txn, job)
    if info.state in TERMINAL_JOB_STATES:
        return info
    return end_badly(txn, info, JobState.KILLED, reason or "job stopped")


def stop_all(txn: Txn, pipeline: Pipeline, reason: str) -> None:
    """Kill every unfinished job of a pipeline, but for those that do not follow its branches."""
    for info in jobs.unfinished(txn.tx, pipeline):
        if not info.detached:
            end_badly(txn, info, JobState.KILLED, reason)
