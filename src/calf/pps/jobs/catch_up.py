"""Bringing the list of jobs up to what the commits and pipelines say.

It asks the rows, not the history: an open output commit without a job gets one, an unfinished job whose
pipeline moved on or whose commits were closed or removed is killed, an open commit that no job can come to is
closed as bad. So it may run any number of times, after a crash as after a commit, in any order, and whatever
users do by force, everything ends.
"""

from __future__ import annotations

from dataclasses import dataclass

from calf.db import commits as commit_rows
from calf.db import jobs, pipelines
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.pps_infos import Image, JobInfo, PipelineInfo
from calf.model.refs import META, SPEC, Commit, Job
from calf.model.refs import USER as USER_REPO
from calf.model.states import JobState, OriginKind, PipelineState, PipelineType
from calf.pfs import commits
from calf.pfs.engine import Pfs
from calf.pfs.transaction import Txn
from calf.pps.jobs.delete import delete
from calf.pps.jobs.end import REMOVED, commits_of, end_badly
from calf.pps.jobs.move import CHANGED

USER = "unknown_username"
"""Who does things as long as there is no authentication; part of Pachyderm's texts."""
UPDATED = f"all jobs killed because pipeline was updated for user {USER}"
STOPPED = f"all jobs killed because pipeline was stopped for user {USER}"
_NO_JOB = "no job can write it: a branch or repo of its pipeline was changed by force"
_TICK = 1e-5


@dataclass(frozen=True, slots=True)
class _Due:
    """What is to be done: commits that need a job, jobs that must end and why, jobs that must go, commits
    that no job can come to, first commits of spouts, pipelines whose repo is gone.
    """

    missing: list[tuple[Commit, PipelineInfo]]
    outdated: list[tuple[JobInfo, str]]
    orphaned: list[Job]
    stray: list[Commit]
    firsts: list[Commit]
    bare: list[PipelineInfo]

    def __bool__(self) -> bool:
        return bool(self.missing or self.outdated or self.orphaned or self.stray or self.firsts or self.bare)


def catch_up(pfs: Pfs) -> None:
    """Make and end jobs until every open output commit has its job and every unfinished job its pipeline."""
    with pfs.read() as tx:
        behind = is_behind(tx)
    if behind:
        make_up(pfs)


def make_up(pfs: Pfs) -> None:
    """As `catch_up`, for whoever has seen that there is something to do."""
    with pfs.transaction() as txn:
        due = _due(txn.tx)
        if due.missing:
            _make(txn, due.missing)
            due = _due(txn.tx)
        _end(txn, due)


def is_behind(tx: Tx) -> bool:
    """Whether there is anything for `catch_up` to do."""
    return bool(_due(tx))


def _due(tx: Tx) -> _Due:
    missing, stray, firsts = _open_without_job(tx)
    due = _Due(missing, [], [], stray, firsts, pipelines.without_repo(tx))
    for info in jobs.left_behind(tx):
        if _serves(tx, info):
            continue
        reason = _why_over(tx, info)
        if reason is None:
            due.orphaned.append(info.job)
        else:
            due.outdated.append((info, reason))
    return due


def _serves(tx: Tx, info: JobInfo) -> bool:
    """Whether it is the job of a service as it should be: those have no meta commit."""
    pipeline, output = pipelines.get(tx, info.job.pipeline), commit_rows.get(tx, info.output_commit)
    if pipeline is None or pipeline.type is not PipelineType.SERVICE or output is None or output.finished:
        return False
    return pipeline.version == info.pipeline_version and not pipeline.stopped


def _why_over(tx: Tx, info: JobInfo) -> str | None:
    """Why a job that was left behind has to end; None when even its record has to go."""
    pipeline = pipelines.get(tx, info.job.pipeline)
    output, meta = (commit_rows.get(tx, commit) for commit in commits_of(info.job))
    if pipeline is None or output is None:
        return None
    if pipeline.version != info.pipeline_version and not info.detached:
        return UPDATED
    if pipeline.stopped and not info.detached:
        return STOPPED
    return output.error or (meta.error if meta else "") or REMOVED


def _open_without_job(tx: Tx) -> tuple[list[tuple[Commit, PipelineInfo]], list[Commit], list[Commit]]:
    """Open commits of pipelines that have no job, oldest first: those that one is to be made for, with the
    version that it is to run; those that none can be made for, such as an output without a meta commit; and
    those of spouts, which begin with an empty commit and have no jobs.
    """
    rows = commit_rows.select(
        tx,
        "WHERE c.finished = 0 AND c.origin = ? AND r.type IN (?, ?) AND NOT EXISTS (SELECT 1 FROM jobs j"
        " WHERE j.id = c.set_id AND j.project = r.project AND j.pipeline = r.name) ORDER BY c.id",
        (int(OriginKind.AUTO), USER_REPO, META),
    )
    kept = {row.commit.job for row in rows if row.commit.repo.type == META}
    missing: list[tuple[Commit, PipelineInfo]] = []
    firsts: list[Commit] = []
    for row in rows:
        version = _version(tx, row) if row.commit.repo.type != META else None
        if version is not None and version.type is PipelineType.SPOUT:
            firsts.append(row.commit)
        elif version is not None and (row.commit.job in kept or version.type is PipelineType.SERVICE):
            missing.append((row.commit, version))
    known = {Job(version.pipeline, commit.id) for commit, version in missing}
    known |= {commit.job for commit in firsts}
    stray = [row.commit for row in rows if row.commit.job not in known and _is_on_output_branch(tx, row)]
    return missing, stray, firsts


def _version(tx: Tx, row: CommitRow) -> PipelineInfo | None:
    """The pipeline version that an open commit is made for."""
    for branch, source in commits.inputs(tx, row.commit).items():
        if branch.repo.type == SPEC and branch.repo.name == row.commit.repo.name:
            return pipelines.by_spec_commit(tx, source)
    return None


def _is_on_output_branch(tx: Tx, row: CommitRow) -> bool:
    pipeline = pipelines.get(tx, row.commit.job.pipeline)
    return pipeline is not None and row.branch == pipeline.spec.output_branch


def _make(txn: Txn, missing: list[tuple[Commit, PipelineInfo]]) -> None:
    for commit, version in missing:
        add_job(txn, commit, version, version.image)


def add_job(
    txn: Txn, commit: Commit, version: PipelineInfo, image: Image | None, *, detached: bool = False
) -> JobInfo:
    """Make the job of an open output commit; a `detached` one's commit is on no branch."""
    newest = jobs.newest(txn.tx)
    after = newest.created + _TICK if newest else 0.0
    info = JobInfo(
        job=Job(version.pipeline, commit.id),
        pipeline_version=version.version,
        output_commit=commit,
        state=JobState.CREATED,
        image=image,
        created=round(max(txn.now, after), 6),  # listings page by it, so no two are equal
        detached=detached,
    )
    jobs.insert(txn.tx, info)
    txn.record(CHANGED, info.job)
    return info


def _end(txn: Txn, due: _Due) -> None:
    for job in due.orphaned:
        delete(txn, job)
    for info, reason in due.outdated:
        end_badly(txn, info, JobState.KILLED, reason)
    for commit in due.stray:
        commits.finish(txn, commit, error=_NO_JOB, force=True)
    for commit in due.firsts:
        commits.finish(txn, commit, force=True)
    for bare in due.bare:
        reason = f"its repo {bare.pipeline.repo} was deleted; update the pipeline to begin anew, or delete it"
        pipelines.set_state(txn.tx, bare.pipeline, PipelineState.FAILURE, reason, bare.stopped)
        txn.record("pipeline-changed", bare.pipeline)
