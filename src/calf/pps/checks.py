"""What must always hold of jobs and datums, for `fsck`: each check reads a snapshot and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from calf.db import commits as commit_rows
from calf.db import datums, jobs, pipelines, provenance, repos
from calf.db.commits import CommitRow
from calf.db.tx import Tx
from calf.model.not_found import commit_not_found
from calf.model.ports import Images
from calf.model.pps_infos import Counts, JobInfo
from calf.model.refs import Commit, Job, Pipeline, Repo
from calf.model.states import TERMINAL_JOB_STATES, DatumState, JobState
from calf.pfs.engine import Pfs
from calf.pfs.fsck import Check, Violation
from calf.pfs.fsck.contents import missing
from calf.pps.jobs.end import commits_of
from calf.pps.pipelines.checks import versions_never_changed

_GOOD = frozenset({DatumState.SUCCESS, DatumState.SKIPPED, DatumState.RECOVERED})


@dataclass(frozen=True, slots=True)
class JobChanged(Violation):
    """The row of a job is not what was written."""

    job: Job

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the record of job {self.job} was changed behind the engine's back"


@dataclass(frozen=True, slots=True)
class InputsDiffer(Violation):
    """I6: what a job read is not what its commits' provenance says."""

    job: Job
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the inputs of job {self.job} differ from the provenance of its commits: {self.detail}"


@dataclass(frozen=True, slots=True)
class OutcomeWrong(Violation):
    """I7: a job's state does not follow from its datums, or its commits do not follow from its state."""

    job: Job
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the outcome of job {self.job} is wrong: {self.detail}"


@dataclass(frozen=True, slots=True)
class SkipUnfounded(Violation):
    """I9: a skipped datum copies one of another identity, or one that did not succeed."""

    job: Job
    datum_id: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"datum {self.datum_id} of job {self.job} was skipped, but what it copies is not the same"


@dataclass(frozen=True, slots=True)
class DatumOutputMissing(Violation):
    """I1: the output of a datum, which later jobs build on, is not all there."""

    job: Job
    datum_id: str
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"the output of datum {self.datum_id} of job {self.job} cannot be read: {self.detail}"


@dataclass(frozen=True, slots=True)
class ImageChanged(Violation):
    """The image of a pipeline is gone, or not what its digest says, so that its jobs wait."""

    pipeline: Pipeline
    detail: str

    def sentence(self) -> str:
        """What is wrong, in one sentence."""
        return f"pipeline {self.pipeline}: {self.detail}"


def checks_of_images(images: Images) -> list[Check]:
    """The check of what pipelines run in."""
    return [partial(images_are_as_built, images)]


def images_are_as_built(images: Images, tx: Tx) -> Iterator[Violation]:
    """What each pipeline runs in is there, and is what its digest says."""
    for info in pipelines.all_(tx):
        if info.image and (why := images.changed(info.image)):
            yield ImageChanged(info.pipeline, why)


def checks(pfs: Pfs) -> list[Check]:
    """The checks of jobs and datums; the daemon joins them with those of `pfs`."""
    return [
        versions_never_changed,
        jobs_never_changed,
        inputs_are_provenance,
        success_follows_from_datums,
        skips_are_founded,
        partial(datum_outputs_are_stored, pfs),
    ]


def jobs_never_changed(tx: Tx) -> Iterator[Violation]:
    """The row of every job agrees with its digest."""
    for job in jobs.damaged(tx):
        yield JobChanged(job)


def inputs_are_provenance(tx: Tx) -> Iterator[Violation]:
    """I6: both commits of a job come from the same commits, and what its datums read is among them.

    What lies in repos that were deleted since is left out.
    """
    names = {row.id: row.commit for row in commit_rows.select(tx, "ORDER BY c.id")}
    numbers, edges = {commit: number for number, commit in names.items()}, provenance.upstream_of_all(tx)
    known: dict[Job, tuple[JobInfo, set[Commit]]] = {}
    for info in jobs.every(tx):
        pair = commits_of(info.job)
        lost = next((commit for commit in pair if commit not in numbers), None)
        if lost is None:
            output, meta = (edges.get(numbers[commit], []) for commit in pair)
            known[info.job] = info, {names[edge.upstream] for edge in output if edge.upstream in names}
            if output != meta:
                detail = "its output commit and its meta commit come from different commits"
                yield InputsDiffer(info.job, detail)
        elif all(_outlives(tx, commit.repo, info) for commit in pair):
            yield InputsDiffer(info.job, commit_not_found(lost).message)
    for job, datum_id, items in datums.inputs_of_all(tx):
        for item in items if job in known else ():
            info, sources = known[job]
            if item.commit not in sources and _outlives(tx, item.repo, info):
                yield InputsDiffer(job, f"datum {datum_id} read {item.commit}")


def _outlives(tx: Tx, repo: Repo, info: JobInfo) -> bool:
    """Whether a repo is still the one that it was when the job was made."""
    row = repos.get(tx, repo)
    return row is not None and row.created <= info.created


def success_follows_from_datums(tx: Tx) -> Iterator[Violation]:
    """I7: a job is SUCCESS only if all its datums are good, and its commits are good only if it is."""
    rows = {row.commit: row for row in commit_rows.select(tx, "ORDER BY c.id")}
    counted = datums.counts_of_all(tx)
    for info in jobs.every(tx):
        if info.state is JobState.SUCCESS:
            counts = counted.get(info.job, Counts())
            if counts.total > counts.processed + counts.skipped + counts.recovered:
                bad = datums.ids(tx, jobs.number(tx, info.job) or 0, *set(DatumState) - _GOOD)
                yield OutcomeWrong(info.job, f"it is a success, but datum {min(bad)} is not")
            if counts != info.counts:
                yield OutcomeWrong(info.job, "it does not count its datums as they are")
        yield from _commits_follow(rows, info)


def _commits_follow(rows: Mapping[Commit, CommitRow], info: JobInfo) -> Iterator[Violation]:
    for commit in commits_of(info.job):
        row = rows.get(commit)
        if row is None:
            continue
        if not row.finished and info.state in TERMINAL_JOB_STATES:
            yield OutcomeWrong(info.job, f"it is {info.state.name}, which does not fit commit {commit}")
        elif row.finished and bool(row.error) == (info.state is JobState.SUCCESS):
            yield OutcomeWrong(info.job, f"it is {info.state.name}, but commit {commit} says otherwise")


def skips_are_founded(tx: Tx) -> Iterator[Violation]:
    """I9: what a skipped datum points at has the same identity, and succeeded."""
    for job, datum_id in datums.unfounded_skips(tx):
        yield SkipUnfounded(job, datum_id)


def datum_outputs_are_stored(pfs: Pfs, tx: Tx) -> Iterator[Violation]:
    """I1: the trees of what datums wrote can be read."""
    seen: set[bytes] = set()
    for job, datum_id, root in datums.outputs(tx):
        lost, reason = missing(pfs.store, root, seen)
        if reason:
            yield DatumOutputMissing(job, datum_id, reason)
        for object_id in lost:
            yield DatumOutputMissing(job, datum_id, f"object {object_id.hex()} is not stored")
