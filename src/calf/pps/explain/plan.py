"""What a job of a pipeline would do now: which datums would run, which be skipped, and why.

Nothing is made and nothing is run. The figures hold for the heads of the inputs, or for the commits given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from calf.db import branches as branch_rows
from calf.db import commits as commit_rows
from calf.db import datums, jobs, pipelines
from calf.db import repos as repo_rows
from calf.db.tx import Tx
from calf.model.errors import NotFound
from calf.model.identity import datum_hasher, datum_id
from calf.model.pps_infos import DatumInfo, DatumInput, PipelineInfo
from calf.model.refs import USER, Branch, Commit, CommitRef, Job, Pipeline
from calf.model.spec import REPROCESS_EVERY_JOB, PipelineSpec
from calf.model.states import TERMINAL_JOB_STATES, DatumState, JobState, PipelineState
from calf.pfs import commits
from calf.pps.datums import bounded, enumerate_datums, recipe_of
from calf.pps.engine import Pps
from calf.pps.explain.caveats import of_old_code, of_stopping
from calf.pps.explain.differences import Difference, of_code, of_inputs
from calf.pps.pipelines.egress import shut
from calf.pps.pipelines.inspect import inspect
from calf.pps.pipelines.state import judge

_GOOD = frozenset({DatumState.SUCCESS, DatumState.SKIPPED})


@dataclass(frozen=True, slots=True)
class PlannedDatum:
    """A datum of the job to come: it runs because of `differences`, and is skipped when there are none."""

    id: str
    hash: str
    inputs: tuple[DatumInput, ...]
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """A difference that so many datums have."""

    part: str
    detail: str
    datums: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The job to come: the `version` that runs, the job that it builds on, its datums by id.

    `removed` counts datums whose output goes. `unknown` says why not everything can be known, as long as an
    input is being made, and what the figures must be read with.
    """

    version: int
    base_job: str = ""
    commits: tuple[Commit, ...] = ()
    datums: tuple[PlannedDatum, ...] = ()
    removed: int = 0
    unknown: str = ""

    @property
    def run(self) -> int:
        """How many datums run."""
        return sum(1 for datum in self.datums if datum.differences)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why, the reason of most datums first."""
        counted = Counter(
            key for datum in self.datums for key in {(it.part, it.detail) for it in datum.differences}
        )
        return tuple(Reason(*key, number) for key, number in counted.most_common())


@dataclass(frozen=True, slots=True)
class _Former:
    """The last good job: its datums by id, and the version that it ran."""

    job: Job
    datums: Mapping[str, DatumInfo]
    version: PipelineInfo | None


def plan_pipeline(pps: Pps, tx: Tx, pipeline: Pipeline, given: Iterable[CommitRef] = ()) -> Plan:
    """As `plan`, of a pipeline as it is. Raises `NotFound`."""
    return plan(pps, tx, inspect(tx, pipeline).spec, given, version=0)


def plan(
    pps: Pps,
    tx: Tx,
    spec: PipelineSpec,
    given: Iterable[CommitRef] = (),
    *,
    reprocess: bool = False,
    version: int = 1,
) -> Plan:
    """What the first job of an effective spec would do; `given` commits stand in for heads of inputs.

    `version` is added to the pipeline's current one: 1 for an update, 0 for the pipeline as it is. Raises
    `NotFound` for an input repo and for a commit given.
    """
    current = pipelines.get(tx, spec.pipeline)
    info, lacking = _to_be(pps, tx, spec, current, reprocess=reprocess, version=version)
    heads, unknown = _heads(tx, spec, given)
    used = tuple(heads.values())
    if unknown or info.image is None:
        return Plan(info.version, commits=used, unknown=unknown or lacking)
    former, under_way = _former(tx, spec, update=version > 0)
    listed = _listed(pps, tx, info, heads)
    judged = tuple(_judged(pps, tx, info, former, (listed[key] for key in sorted(listed))))
    lost = shut(pps.pfs.remotes, spec)
    kept = of_old_code(former.version if former else None, info, sum(not it.differences for it in judged))
    return Plan(
        version=info.version,
        base_job=former.job.id if former else "",
        commits=used,
        datums=judged,
        removed=len(former.datums.keys() - listed.keys()) if former else 0,
        unknown="; ".join(word for word in (lacking, of_stopping(current), under_way, kept, lost) if word),
    )


def _to_be(
    pps: Pps, tx: Tx, spec: PipelineSpec, current: PipelineInfo | None, *, reprocess: bool, version: int
) -> tuple[PipelineInfo, str]:
    """The version that would run, as far as identities depend on it; and what it lacks to start."""
    image, lacking = judge(pps, tx, spec, None if version or current is None else current.image)
    salt = spec.salt if current is None else "" if reprocess else current.salt
    info = PipelineInfo(
        pipeline=spec.pipeline,
        version=(current.version if current else 0) + version,
        spec_commit=Commit(spec.pipeline.spec_repo, ""),
        type=spec.type,
        state=PipelineState.STARTING,
        spec=spec,
        salt=salt,
        image=image,
    )
    return info, lacking


def _heads(tx: Tx, spec: PipelineSpec, given: Iterable[CommitRef]) -> tuple[dict[Branch, Commit], str]:
    """The commit that each input stands for, none for a branch that is yet to be made; and what prevents."""
    chosen = {ref.repo: commits.resolve(tx, ref) for ref in given}
    heads: dict[Branch, Commit] = {}
    for branch in spec.sources:
        commit = chosen.get(branch.repo) or _head(tx, branch)
        if commit is None:
            continue
        info = commits.inspect(tx, commit)
        if not info.finished:
            return heads, f"input {branch} is not finished yet: commit {commit.id} is still being made"
        if info.error:
            return heads, f"input {branch} is bad, so the job could not run: {info.error}"
        heads[branch] = commit
    return heads, ""


def _head(tx: Tx, branch: Branch) -> Commit | None:
    try:
        return commits.resolve(tx, CommitRef(branch.repo, branch.name))
    except NotFound:
        if repo_rows.get(tx, branch.repo) is None and branch.repo.type == USER:
            raise
        return None


def _former(tx: Tx, spec: PipelineSpec, *, update: bool) -> tuple[_Former | None, str]:
    """The last good job of the output branch, and a word about one that is under way."""
    output, under_way = branch_rows.get(tx, Branch(spec.pipeline.repo, spec.output_branch)), ""
    for row in commit_rows.line(tx, output.head) if output else ():
        job = Job(spec.pipeline, row.commit.id)
        info, number = jobs.get(tx, job), jobs.number(tx, job)
        if info is None or number is None or row.error:
            continue
        if info.state is JobState.SUCCESS:
            version = pipelines.get(tx, spec.pipeline, info.pipeline_version)
            found = datums.page(tx, job, number, after=None, limit=-1)
            return _Former(job, {datum.datum.id: datum for datum in found}, version), under_way
        if info.state not in TERMINAL_JOB_STATES:
            then = "the update stops it" if update else "what it does well will not run again"
            under_way = f"job {job.id} is under way: {then}"
    return None, under_way


def _listed(pps: Pps, tx: Tx, info: PipelineInfo, heads: Mapping[Branch, Commit]) -> dict[str, PlannedDatum]:
    """The datums over these commits, as `differences` were not looked for yet."""
    hash_of, listed = datum_hasher(info.salt, recipe_of(info, pps.settings)), dict[str, PlannedDatum]()
    if info.spec.input is None or any(branch not in heads for branch in info.spec.sources):
        return listed
    for inputs in bounded(enumerate_datums(pps.pfs, tx, info.spec.input, heads)):
        identity = datum_id(inputs)
        digest = hash_of(identity, inputs)
        listed.setdefault(identity, PlannedDatum(identity, digest, inputs))
    return listed


def _judged(
    pps: Pps, tx: Tx, info: PipelineInfo, former: _Former | None, listed: Iterable[PlannedDatum]
) -> Iterator[PlannedDatum]:
    """Each datum with what makes it run."""
    always = info.spec.reprocess_spec == REPROCESS_EVERY_JOB or info.spec.s3_out
    code = tuple(_of_version(pps, info, former.version if former else None))
    for datum in listed:
        old = former.datums.get(datum.id) if former else None
        if old is None:
            differences: tuple[Difference, ...] = (Difference("new"),)
        elif always:
            differences = (Difference("every_job"),)
        elif old.state not in _GOOD:
            differences = (Difference("failed", before=old.state.name.lower()),)
        elif old.hash == datum.hash:
            differences = ()
        else:
            differences = (*code, *of_inputs(pps.pfs, tx, old.inputs, datum.inputs))
            differences = differences or (Difference("rule"),)
        yield replace(datum, differences=differences)


def _of_version(pps: Pps, new: PipelineInfo, old: PipelineInfo | None) -> Iterator[Difference]:
    if old is None:
        return
    if old.salt != new.salt:
        yield Difference("salt")
    yield from of_code(recipe_of(old, pps.settings), recipe_of(new, pps.settings))
