"""Ending a job badly: its commits get the reason as their error, so that nothing builds on them."""

from __future__ import annotations

from calf.db import commits as commit_rows
from calf.db.tx import Tx
from calf.model.pps_infos import JobInfo
from calf.model.refs import Commit, Job
from calf.model.states import JobState
from calf.pfs import commits
from calf.pfs.transaction import Txn
from calf.pps.jobs.move import move

REMOVED = "output commit removed"


def end_badly(txn: Txn, info: JobInfo, state: JobState, reason: str) -> JobInfo:
    """Put an unfinished job into FAILURE, KILLED or UNRUNNABLE. Raises `WrongState` when it has ended."""
    ended = move(txn, info, state, reason)
    for commit in commits_of(info.job):
        row = commit_rows.get(txn.tx, commit)
        if row is not None and not row.finished:
            commits.finish(txn, commit, error=reason, force=True)
    return ended


def commits_of(job: Job) -> tuple[Commit, Commit]:
    """What a job writes: its output commit and the commit of its datums' records."""
    return job.output, job.meta


def closed_by_others(tx: Tx, job: Job, *, serves: bool = False) -> str:
    """The error of a commit of an unfinished job that somebody closed by force, empty if nobody did.

    A commit that was removed counts as closed; one that `serves` has none of its datums' records.
    """
    output, meta = (commit_rows.get(tx, commit) for commit in commits_of(job))
    closed = next((row.error for row in (output, meta) if row and row.finished and row.error), "")
    gone = output is None or (meta is None and not serves)
    return closed or (REMOVED if gone else "")
