"""Running a pipeline on commits of the past: a job of its own, on no branch (see ADR 0007).

Such a job recomputes everything, since what it makes is to be compared with what was made; it has no base,
and is none. Its commits say in their provenance what they come from. Branches, the pipeline's state and what
follows downstream stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calf.db import pipelines
from calf.db.tx import Tx
from calf.model.errors import InvalidArgument, NotFound, Precondition
from calf.model.pps_infos import Image, JobInfo, PipelineInfo
from calf.model.refs import Branch, Commit, CommitRef, Job, Pipeline, Repo
from calf.model.states import PipelineType
from calf.pfs import commits
from calf.pfs.commits.apart import open_apart
from calf.pfs.transaction import Txn
from calf.pps.jobs.catch_up import add_job
from calf.pps.jobs.inspect import find
from calf.pps.pipelines.inspect import inspect
from calf.pps.pipelines.wiring import SPEC_BRANCH

Sources = dict[Branch, Commit]


def run_pipeline(txn: Txn, pipeline: Pipeline, given: Sequence[CommitRef] = (), job_id: str = "") -> JobInfo:
    """Make a job that runs a pipeline on commits of the past, in the version that they were made for.

    With `job_id` its inputs, its version and its image are those of that job, else the heads of the inputs
    and the version named (`edges^2` is two versions back). Commits `given` take the place of those of the
    same repo; one of the spec repo names a version.

    Raises `NotFound` for pipeline, job, version or commit; `InvalidArgument` for a commit of a repo that the
    pipeline does not read, and for two of one repo; `Precondition` when it is not known what the version ran
    in, and for a job whose input is gone.
    """
    version, recorded, image = _origin(txn.tx, pipeline, job_id)
    chosen = [commits.resolve(txn.tx, ref) for ref in given]
    for commit in chosen:
        if commit.repo == version.pipeline.spec_repo:
            version, image = _version(txn.tx, commit), None
    if version.type is not PipelineType.TRANSFORM:
        raise InvalidArgument("only pipelines that transform data can be run on commits of the past")
    image = image or version.image
    if image is None:
        raise Precondition(f"the image of {version.pipeline} is not known", "build it, then try again")
    sources = _sources(txn.tx, version, recorded, chosen)
    for repo in (version.pipeline.repo, version.pipeline.meta_repo):
        open_apart(txn, repo, sources)
    output = Commit(version.pipeline.repo, txn.set_id)
    return add_job(txn, output, version, image, detached=True)


def _origin(tx: Tx, pipeline: Pipeline, job_id: str) -> tuple[PipelineInfo, Sources, Image | None]:
    if not job_id:
        version = inspect(tx, pipeline)
        return version, {}, version.image
    job = find(tx, Job(pipeline, job_id))
    version_of_job = pipelines.get(tx, pipeline, job.pipeline_version)
    if version_of_job is None:
        raise NotFound(f"version {job.pipeline_version} of {pipeline}, which job {job_id} ran, is not found")
    return version_of_job, commits.inputs(tx, job.output_commit), job.image


def _version(tx: Tx, commit: Commit) -> PipelineInfo:
    version = pipelines.by_spec_commit(tx, commit)
    if version is None:
        raise NotFound(f"commit {commit} marks no version of a pipeline")
    return version


def _sources(
    tx: Tx, version: PipelineInfo, recorded: Mapping[Branch, Commit], chosen: Sequence[Commit]
) -> Sources:
    """The commit of each input, and the one that marks the version."""
    by_repo: dict[Repo, Commit] = {}
    for commit in chosen:
        if by_repo.setdefault(commit.repo, commit) != commit:
            both = f"{by_repo[commit.repo]} and {commit}"
            raise InvalidArgument(f"{both} are given for one input", "give one of them")
    read = {branch.repo for branch in version.spec.sources}
    for repo in by_repo.keys() - read - {version.pipeline.spec_repo}:
        names = ", ".join(sorted(str(known) for known in read))
        raise InvalidArgument(f"pipeline {version.pipeline} does not read repo {repo}", f"it reads {names}")
    sources: Sources = {}
    for branch in version.spec.sources:
        named = by_repo.get(branch.repo) or recorded.get(branch)
        if recorded and named is None:
            raise Precondition(
                f"what the job read of {branch} is gone", f"name another commit, as {branch.repo}@COMMIT"
            )
        sources[branch] = named or commits.resolve(tx, CommitRef(branch.repo, branch.name))
    sources[Branch(version.pipeline.spec_repo, SPEC_BRANCH)] = version.spec_commit
    return sources
