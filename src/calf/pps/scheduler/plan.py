"""Which jobs may start, which must wait and for what, and which never run: decided from the rows alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from calf.db import commits as commit_rows
from calf.db import jobs, pipelines
from calf.db.tx import Tx
from calf.model.pps_infos import JobInfo, PipelineInfo
from calf.model.states import JobState, PipelineState, PipelineType
from calf.pps.jobs.inputs import input_state, unrunnable_reason
from calf.pps.pipelines.state import NO_COMMAND, is_down

_WAITS = "waiting for job "


class Verb(Enum):
    """What to do about a job."""

    RUN = "run"
    HOLD = "hold"
    QUEUE = "queue"
    REFUSE = "refuse"
    FAIL = "fail"
    SUPERSEDE = "supersede"


@dataclass(frozen=True, slots=True)
class Step:
    """RUN a job (or see that it runs), HOLD it in STARTING or QUEUE it with the reason why, or end it: as one
    that cannot run (REFUSE), that cannot even be tried (FAIL), whose service another job runs (SUPERSEDE).
    One that is held for its inputs `waits` for so many.
    """

    job: JobInfo
    pipeline: PipelineInfo
    verb: Verb
    reason: str = ""
    waits: int = 0

    @property
    def is_news(self) -> bool:
        """Whether a job that is to wait does not say so yet."""
        unsaid = self.verb is Verb.HOLD and self.job.state is JobState.CREATED
        return unsaid or (self.job.reason, self.job.waits) != (self.reason, self.waits)


def plan(tx: Tx) -> Iterator[Step]:
    """A step for every unfinished job that something can be done about, or that gives no reason yet.

    Jobs of a pipeline go in the order of their commits. Those far back in a line are not looked at again:
    each names the job that it waits for, and so has time until that one ends.
    """
    return (step for line in by_line(tx) for step in line)


def by_line(tx: Tx) -> Iterator[tuple[Step, ...]]:
    """The same, line by line, each as it stands when it is asked for: by the oldest job, so that inputs come
    before what is made of them.
    """
    for name, detached in jobs.lines(tx):
        pipeline = pipelines.get(tx, name)
        if detached:
            yield tuple(_apart(tx, jobs.line(tx, name, detached=True, first=2)))
        elif pipeline is not None and pipeline.type is PipelineType.SERVICE:
            yield tuple(_of_service(tx, pipeline, jobs.line(tx, name, detached=False, first=-1)))
        elif pipeline is not None:
            first = 2 * pipeline.spec.parallelism
            yield tuple(_of_pipeline(tx, pipeline, jobs.line(tx, name, detached=False, first=first)))


def _apart(tx: Tx, detached: list[JobInfo]) -> Iterator[Step]:
    """Jobs on commits of the past run one after another, beside the others, as the version that they name.

    Nothing goes out of the house: their output is there to be compared.
    """
    for place, info in enumerate(detached):
        version = pipelines.get(tx, info.job.pipeline, info.pipeline_version)
        if version is None or commit_rows.get(tx, info.output_commit) is None:
            continue  # about to be removed
        spec = replace(version.spec, egress=None)
        running = replace(version, spec=spec, image=info.image, state=PipelineState.RUNNING, stopped=False)
        if place:
            yield Step(info, running, Verb.QUEUE, _waits(tx, info, detached[:place], 1))
        else:
            yield _next(tx, running, info, None)


def _of_pipeline(tx: Tx, pipeline: PipelineInfo, unfinished: list[JobInfo]) -> Iterator[Step]:
    earlier: JobInfo | None = None
    for place, info in enumerate(unfinished):
        if info.pipeline_version != pipeline.version or commit_rows.get(tx, info.output_commit) is None:
            continue  # about to be killed
        if place >= pipeline.spec.parallelism:
            reason = _waits(tx, info, unfinished[:place], pipeline.spec.parallelism)
            yield Step(info, pipeline, Verb.QUEUE, reason)
        else:
            yield _next(tx, pipeline, info, earlier)
        earlier = info


def _waits(tx: Tx, info: JobInfo, earlier: Sequence[JobInfo], at_once: int) -> str:
    """What a job in line waits for: as it says while that holds; else for the one whose turn is before."""
    told = info.reason.removeprefix(_WAITS)
    if told and any(told == other.job.id for other in earlier):
        return info.reason
    return _WAITS + jobs.ahead(tx, info, at_once)


def _of_service(tx: Tx, pipeline: PipelineInfo, unfinished: list[JobInfo]) -> Iterator[Step]:
    """The newest job that can run is the one to run, and those before it are over."""
    steps = [
        _next(tx, pipeline, info, None)
        for info in unfinished
        if info.pipeline_version == pipeline.version and commit_rows.get(tx, info.output_commit) is not None
    ]
    newest = max((place for place, step in enumerate(steps) if step.verb is Verb.RUN), default=-1)
    for place, step in enumerate(steps):
        overtaken = step.verb is Verb.RUN and place < newest
        yield replace(step, verb=Verb.SUPERSEDE) if overtaken else step


def _next(tx: Tx, pipeline: PipelineInfo, info: JobInfo, earlier: JobInfo | None) -> Step:
    transform = pipeline.spec.transform
    if transform is None or not transform.cmd:
        return Step(info, pipeline, Verb.FAIL, NO_COMMAND)
    inputs = input_state(tx, pipeline.spec, info.output_commit)
    if inputs.waiting:
        reason = f"waiting for {', '.join(inputs.waiting)}"
        return Step(info, pipeline, Verb.HOLD, reason, inputs.unfinished)
    if inputs.errored:
        return Step(info, pipeline, Verb.REFUSE, unrunnable_reason(inputs.errored))
    if pipeline.state is PipelineState.CRASHING and not is_down(pipeline):
        return Step(info, pipeline, Verb.HOLD, pipeline.reason)
    if earlier is not None and earlier.state in {JobState.CREATED, JobState.STARTING}:
        return Step(info, pipeline, Verb.HOLD, f"waiting for job {earlier.job.id} to list its datums")
    return Step(info, pipeline, Verb.RUN)
