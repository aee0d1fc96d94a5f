"""What a job ran on and what it made, and which of that is no longer what it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from calf.db import commits as commit_rows
from calf.db import pipelines
from calf.db.tx import Tx
from calf.model.errors import IntegrityError, NotFound, Precondition, WrongState
from calf.model.pps_infos import CONTAINER, Image, JobInfo, PipelineInfo
from calf.model.refs import Branch, Commit, Job
from calf.model.states import TERMINAL_JOB_STATES, JobState
from calf.pfs import commits
from calf.pps.engine import Pps
from calf.pps.jobs.catch_up import catch_up
from calf.pps.jobs.inspect import find
from calf.pps.pipelines.inspect import inspect
from calf.pps.secrets.giving import lacking
from calf.storage import trees


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was: `part` is `image`, `input` or `secret`, `what` a file, package
    or commit.

    Without what is `gone` the job cannot be run again; with what was changed it can, but is another one.
    """

    part: str
    what: str
    words: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """What it takes to replay a job: its inputs, its version's annotations, and the size of what it made.

    `newest_version` is the version of the pipeline now; `faults` are empty when all is as it was.
    """

    job: JobInfo
    inputs: tuple[Commit, ...]
    newest_version: int
    annotations: Mapping[str, str]
    files: int
    size: int
    faults: tuple[Fault, ...]


def plan_replay(pps: Pps, job: Job, *, packages: bool = False) -> ReplayPlan:
    """What it takes to replay a job; examines its image, with `packages` down to every file of a package.

    Raises `NotFound` for the job, its version or its output, `WrongState` for a job that did not succeed and
    for an output that was forgotten: there is nothing to compare with.
    """
    catch_up(pps.pfs)
    with pps.pfs.read() as tx:
        info = find(tx, job)
        if info.state is not JobState.SUCCESS:
            raise WrongState(
                f"job {job} is {info.state.name}, so there is no output to compare with", _hint(tx, info)
            )
        version = _version(tx, info)
        made = trees.summary(pps.pfs.store.get, commits.root(tx, info.output_commit))
        sources = commits.inputs(tx, info.output_commit)
        inputs = tuple(source for source in sources.values() if source != version.spec_commit)
        newest = inspect(tx, job.pipeline).version
        dropped = [branch for branch in version.spec.sources if branch not in sources]
        faults = [*_dropped(dropped), *_lost_inputs(tx, inputs), *_lost_secrets(tx, version)]
    image = info.image or version.image
    if image is None:
        raise Precondition(f"it is not known what job {job} ran in")
    faults += _image_faults(pps, image, packages=packages)
    metadata = version.spec.metadata
    annotations = dict(metadata.annotations) if metadata else {}
    return ReplayPlan(info, inputs, newest, annotations, made.files, made.size, tuple(faults))


def _hint(tx: Tx, info: JobInfo) -> str:
    if info.state not in TERMINAL_JOB_STATES:
        return "wait for its end"
    name, again = info.job.pipeline.name, f"--job {info.job.id}` runs it again all the same"
    before = ""
    with suppress(NotFound):  # its output may have been deleted
        if good := commits.last_good(tx, info.output_commit):
            before = f"{name}@{good.id} is the last good one; "
    return f"{before}`pachctl run pipeline {name} {again}"


def _version(tx: Tx, info: JobInfo) -> PipelineInfo:
    version = pipelines.get(tx, info.job.pipeline, info.pipeline_version)
    if version is None:
        raise NotFound(
            f"version {info.pipeline_version} of {info.job.pipeline}, which job {info.job.id} ran, is gone"
        )
    return version


def _dropped(branches: list[Branch]) -> Iterator[Fault]:
    """Inputs that are on record no more: a deleted repo takes its commits along."""
    for branch in branches:
        words = f"what input {branch} held is gone, with the commits of that repo"
        yield Fault("input", str(branch), words, gone=True)


def _lost_inputs(tx: Tx, inputs: tuple[Commit, ...]) -> Iterator[Fault]:
    for commit in inputs:
        row = commit_rows.get(tx, commit)
        if row is None or row.forgotten:
            again = f"`pachctl run pipeline {commit.repo.name} --job {commit.id}` makes it again, elsewhere"
            yield Fault("input", str(commit), f"what input {commit} held is gone; {again}", gone=True)


def _lost_secrets(tx: Tx, version: PipelineInfo) -> Iterator[Fault]:
    """Without them a run would wait for whoever creates them."""
    transform = version.spec.transform
    if transform and (lack := lacking(tx, transform)):
        yield Fault("secret", "", f"{lack}; `pachctl create secret` brings it back", gone=True)


def _image_faults(pps: Pps, image: Image, *, packages: bool) -> list[Fault]:
    try:
        found = pps.images.examine(image, packages=packages)
    except (IntegrityError, NotFound, Precondition) as error:
        again = f"`calf image build FOLDER -t {image.name}`, from the code of that time, brings it back"
        again = error.hint if image.kind == CONTAINER else again
        return [Fault("image", image.name, f"{error.message}; {again}", gone=True)]
    return [Fault("image", fault.what, fault.words) for fault in found]
