"""Jobs whose commits were squashed or dropped: they end, and their records go."""

from __future__ import annotations

from collections.abc import Iterable

from calf.db import jobs
from calf.model.refs import META, USER, Commit, Job, Pipeline
from calf.model.states import TERMINAL_JOB_STATES, JobState
from calf.pfs.transaction import Txn
from calf.pps.jobs.catch_up import REMOVED
from calf.pps.jobs.delete import delete
from calf.pps.jobs.end import end_badly


def forget_jobs_of(txn: Txn, removed: Iterable[Commit]) -> None:
    """Remove the jobs that wrote commits which this transaction removed; those that run are killed first.

    What other jobs took over from them, because it was the same, stays.
    """
    for commit in removed:
        repo = commit.repo
        info = jobs.get(txn.tx, Job(Pipeline(repo.project, repo.name), commit.id))
        if repo.type not in (USER, META) or info is None:
            continue
        if info.state not in TERMINAL_JOB_STATES:
            end_badly(txn, info, JobState.KILLED, REMOVED)
        delete(txn, info.job)
