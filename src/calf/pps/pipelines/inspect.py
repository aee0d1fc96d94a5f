"""Asking about pipelines: one, a former version, many, or those of a commit set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from calf.db import datums, jobs, metadata, pipelines
from calf.db.tx import Tx
from calf.model import ancestry
from calf.model.errors import InvalidArgument, NotFound
from calf.model.pps_infos import PipelineInfo
from calf.model.refs import CommitRef, Pipeline
from calf.model.states import TERMINAL_JOB_STATES, JobState, PipelineState
from calf.pfs import commits
from calf.pps.missing import missing_pipeline
from calf.pps.pipelines.held_up import is_held_up
from calf.pps.pipelines.severed import severed

_OVER = TERMINAL_JOB_STATES | {JobState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class PipelineQuery:
    """Which pipelines, and which of their versions.

    `history` counts former versions (-1: all); `commit_set` asks for those that were current then instead.
    Empty `projects` and `states` mean all.
    """

    pipeline: Pipeline | None = None
    history: int = 0
    commit_set: str = ""
    projects: tuple[str, ...] = ()
    states: frozenset[PipelineState] = frozenset()


def inspect(tx: Tx, pipeline: Pipeline) -> PipelineInfo:
    """The record of a pipeline; a name as `edges^2` means two versions back, `edges.1` the first version.

    Raises `NotFound` for a pipeline or version, `InvalidArgument` for bad ancestry.
    """
    parsed = ancestry.parse(pipeline.name)
    name = Pipeline(pipeline.project, parsed.base)
    current = pipelines.get(tx, name)
    if current is None:
        raise missing_pipeline(tx, name)
    if parsed.from_root is None and parsed.back == 0:
        return replace(_as_shown(tx, current), unclaimed=datums.waiting(tx, name))
    version = current.version - parsed.back if parsed.from_root is None else parsed.from_root
    if version > current.version:
        raise InvalidArgument("cannot inspect future pipelines")
    found = pipelines.get(tx, name, version)
    if found is None:
        raise NotFound(
            f'pipeline "{name}" has no version {version}', f"it has versions 1 to {current.version}"
        )
    return _as_was(tx, found)


def list_(tx: Tx, query: PipelineQuery) -> list[PipelineInfo]:
    """The records asked for, the newest pipeline first, each with its newest version first.

    Raises `NotFound` for the pipeline of the query.
    """
    show = _as_was if query.history or query.commit_set else _as_shown
    shown = (show(tx, info) for info in _versions(tx, query))
    return [
        info
        for info in shown
        if (not query.projects or info.pipeline.project in query.projects)
        and (not query.states or info.state in query.states)
    ]


def _versions(tx: Tx, query: PipelineQuery) -> Iterator[PipelineInfo]:
    named = [inspect(tx, query.pipeline)] if query.pipeline else pipelines.all_(tx)
    for info in named:
        if query.commit_set:
            yield from _at_set(tx, info.pipeline, query.commit_set)
        elif query.history:
            before = [it for it in pipelines.versions(tx, info.pipeline) if it.version <= info.version]
            yield from before if query.history < 0 else before[: query.history + 1]
        else:
            yield info


def _at_set(tx: Tx, pipeline: Pipeline, set_id: str) -> Iterator[PipelineInfo]:
    """The version that a commit set was made with, if the pipeline has part in it."""
    try:
        marker = commits.resolve(tx, CommitRef(pipeline.spec_repo, set_id))
    except NotFound:
        return
    info = pipelines.by_spec_commit(tx, marker)
    if info is not None:
        yield info


def _as_was(tx: Tx, info: PipelineInfo) -> PipelineInfo:
    """As `_as_shown`; a version that another one replaced neither waits nor stands still: it ran, as far as
    its own last job says."""
    now = pipelines.get(tx, info.pipeline)
    shown = _as_shown(tx, info)
    if now is None or now.version == info.version:
        return shown
    last = jobs.last_state(tx, info.pipeline, info.version) or JobState.UNKNOWN
    return replace(shown, state=PipelineState.RUNNING, stopped=False, reason="", last_job_state=last)


def _as_shown(tx: Tx, info: PipelineInfo) -> PipelineInfo:
    """With its metadata and what its jobs say: how the last is, what holds one up (the disk, an egress), that
    an idle one that scales stands by; or which inputs it lost.
    """
    if (
        info.spec.autoscaling
        and info.state is PipelineState.RUNNING
        and not jobs.unfinished(tx, info.pipeline)
    ):
        info = replace(info, state=PipelineState.STANDBY)
    last = jobs.last_state(tx, info.pipeline) or info.last_job_state
    if not info.reason and last not in _OVER:
        found = (reason for _, reason in jobs.reasons(tx, info.pipeline) if is_held_up(reason))
        info = replace(info, reason=next(found, ""))
    if not info.reason:
        info = replace(info, reason=severed(tx, info))
    pairs = metadata.get(tx, "pipeline", pipelines.row_id(tx, info.pipeline) or "")
    return replace(info, last_job_state=last, metadata=pairs)
