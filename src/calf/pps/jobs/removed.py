"""Jobs whose commits were squashed or dropped: they end, and their records go."""

from __future__ import annotations

from collections.abc import Iterable

from calf.db import branches, jobs, pipelines
from calf.model.refs import META, USER, Branch, Commit, Pipeline
from calf.model.states import TERMINAL_JOB_STATES, JobState, PipelineType
from calf.pfs.transaction import Txn
from calf.pps.jobs.delete import delete
from calf.pps.jobs.end import REMOVED, end_badly


def forget_jobs_of(txn: Txn, removed: Iterable[Commit]) -> None:
    """Remove the jobs that wrote commits which this transaction removed; those that run are killed first.

    What other jobs took over from them, because it was the same, stays. A service whose stage stood for one
    of them gets another job, on the data that its inputs fell back to.
    """
    served: set[Pipeline] = set()
    for commit in removed:
        info = jobs.get(txn.tx, commit.job)
        if commit.repo.type not in (USER, META) or info is None:
            continue
        if info.state not in TERMINAL_JOB_STATES:
            end_badly(txn, info, JobState.KILLED, REMOVED)
            served.add(info.job.pipeline)
        delete(txn, info.job)
    for pipeline in served:
        _serve_again(txn, pipeline)


def _serve_again(txn: Txn, pipeline: Pipeline) -> None:
    info = pipelines.get(txn.tx, pipeline)
    if info is None or info.type is not PipelineType.SERVICE or info.stopped:
        return
    output = branches.get(txn.tx, Branch(pipeline.repo, info.spec.output_branch))
    if output is not None and not jobs.unfinished(txn.tx, pipeline):
        txn.owed.add(output.id)
