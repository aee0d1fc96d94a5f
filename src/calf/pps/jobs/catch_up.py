"""Bringing the list of jobs up to what the commits and pipelines say.

It asks the rows, not the history: an open output commit without a job gets one, an unfinished job whose
pipeline moved on is killed. So it may run any number of times, after a crash as after a commit, in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calf.db import jobs, pipelines
from calf.db.tx import Tx
from calf.model.pps_infos import JobInfo, PipelineInfo
from calf.model.refs import SPEC, Commit, Job
from calf.model.states import JobState
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pfs.transaction import Txn
from calf.pps.jobs.delete import delete
from calf.pps.jobs.end import end_badly

USER = "unknown_username"
"""Who does things as long as there is no authentication; part of Pachyderm's texts."""
UPDATED = f"all jobs killed because pipeline was updated for user {USER}"
STOPPED = f"all jobs killed because pipeline was stopped for user {USER}"
_TICK = 1e-5


@dataclass(frozen=True, slots=True)
class _Due:
    """What is to be done: commits that need a job, jobs that must end and why, jobs without a pipeline."""

    missing: list[tuple[Commit, PipelineInfo]]
    outdated: list[tuple[JobInfo, str]]
    orphaned: list[Job]

    def __bool__(self) -> bool:
        return bool(self.missing or self.outdated or self.orphaned)


def catch_up(pfs: Pfs) -> None:
    """Make and end jobs until every open output commit has its job and every unfinished job its pipeline."""
    with pfs.read() as tx:
        due = bool(_due(tx))
    if due:
        with pfs.transaction() as txn:
            _make(txn, _due(txn.tx).missing)
            _end(txn, _due(txn.tx))


def _due(tx: Tx) -> _Due:
    missing = [pair for pair in _open_outputs(tx) if jobs.get(tx, Job(pair[1].pipeline, pair[0].id)) is None]
    due = _Due(missing, [], [])
    for info in jobs.unfinished(tx):
        pipeline = pipelines.get(tx, info.job.pipeline)
        if pipeline is None:
            due.orphaned.append(info.job)
        elif pipeline.version != info.pipeline_version:
            due.outdated.append((info, UPDATED))
        elif pipeline.stopped:
            due.outdated.append((info, STOPPED))
    return due


def _open_outputs(tx: Tx) -> Iterator[tuple[Commit, PipelineInfo]]:
    """Open output commits with the pipeline version that they are made for, oldest first."""
    for commit in commits.open_outputs(tx):
        for branch, source in commits.inputs(tx, commit).items():
            if branch.repo.type == SPEC and branch.repo.name == commit.repo.name:
                version = pipelines.by_spec_commit(tx, source)
                if version is not None:
                    yield commit, version


def _make(txn: Txn, missing: list[tuple[Commit, PipelineInfo]]) -> None:
    newest = jobs.newest(txn.tx)
    created = newest.created if newest else 0.0
    for commit, version in missing:
        created = round(max(txn.now, created + _TICK), 6)  # listings page by it, so no two are equal
        info = JobInfo(
            job=Job(version.pipeline, commit.id),
            pipeline_version=version.version,
            output_commit=commit,
            state=JobState.CREATED,
            image=version.image,
            created=created,
        )
        jobs.insert(txn.tx, info)
        txn.record("job-changed", info.job)


def _end(txn: Txn, due: _Due) -> None:
    for job in due.orphaned:
        delete(txn, job)
    for info, reason in due.outdated:
        end_badly(txn, info, JobState.KILLED, reason)
