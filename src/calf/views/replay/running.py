"""Replaying a job: its recorded inputs, version and image once more, beside everything else, and compared.

The new run is a detached job (ADR 7), so no branch moves; its commit is dropped afterwards.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from calf.model.errors import CalfError, Category, NotFound
from calf.model.statement.replays import DIFFERS, REPRODUCED, WITHIN_TOLERANCE
from calf.model.tolerance import read_tolerance
from calf.views.failures import failed_datums
from calf.views.replay.comparing import Comparison, compare
from calf.views.replay.outcome import Outcome
from calf.views.replay_statements import statement_about, what_changed
from calf.views.states import job_state
from calf.wire.messages import Message, calf, calf_pps, pfs, pps

if TYPE_CHECKING:
    from calf.client.connection import Client


CANNOT = frozenset({Category.NOT_FOUND, Category.STATE, Category.INVALID, Category.PRECONDITION})
"""What errors are called that say of one job only that it cannot be replayed."""


def _new_folder() -> Path:
    return Path(mkdtemp(prefix="pachctl-replay-"))


@dataclass(frozen=True, slots=True)
class Options:
    """`keep` the new commit; run `anyway` when the image was changed; where pictures go.

    `sign`: what is as it should be must be signed by the server, or it is an error. `watch` is told of the
    new job, and stands around the wait for it.
    """

    keep: bool = False
    anyway: bool = False
    folder: Callable[[], Path] = _new_folder
    sign: bool = False
    watch: Callable[[Message], AbstractContextManager[None]] = lambda _again: nullcontext()


def replay_job(client: Client, job: Message, options: Options | None = None) -> Outcome:
    """Run a job (a `pps.Job`) again and compare its output with the recorded one.

    Raises `NotFound` for a job that is not on record, `WrongState` for one without output to compare with.
    A changed image, lost inputs and a run that fails are outcomes.
    """
    options = options or Options()
    plan = _plan(client, job)
    tolerance = read_tolerance(plan.annotations)
    outcome = Outcome(
        job=f"{job.pipeline.project.name}/{job.pipeline.name}@{job.id}",
        result=DIFFERS,
        files=plan.files,
        size=plan.size_bytes,
        faults=tuple(fault.words for fault in plan.faults),
        notes=_notes(plan),
    )
    gone = any(fault.gone for fault in plan.faults)
    if gone or (plan.faults and not options.anyway):
        return replace(outcome, ran=False, gone=gone)
    started = time.monotonic()
    with _scratch(client, plan.job, keep=options.keep) as again:
        with options.watch(again):
            info = client.pps.InspectJob(pps.InspectJobRequest(job=again, wait=True))
        outcome = replace(outcome, seconds=time.monotonic() - started)
        if options.keep:
            outcome = replace(outcome, scratch=again.id)
        if info.state != pps.JOB_SUCCESS:
            return replace(outcome, failure=_why(client, info), environment=_around(client, plan, info))
        found = compare(client, plan.job.output_commit, info.output_commit, tolerance, options.folder)
        outcome = _compared(client, plan, info, outcome, found)
        return _signed(client, plan, info, outcome, must=options.sign)


def _signed(client: Client, plan: Message, info: Message, outcome: Outcome, *, must: bool) -> Outcome:
    """Have the server compare too, sign what it finds, and keep that, whatever it is.

    Of a run in a changed image it signs nothing.
    """
    if outcome.faults:
        return outcome
    try:
        return replace(outcome, signed=_sign(client, plan.job, info))
    except CalfError as error:
        if must and outcome.ok:
            raise
        return replace(outcome, notes=(*outcome.notes, f"the server keeps nothing of it: {error.message}"))


def _sign(client: Client, recorded: Message, again: Message) -> Mapping[str, Any]:
    request = calf.SignReplayRequest(recorded=recorded.output_commit, again=again.output_commit)
    envelope: Mapping[str, Any] = json.loads(client.call("/calf_v1.Attestation/SignReplay", request).envelope)
    return envelope


def _plan(client: Client, job: Message, *, packages: bool = False) -> Message:
    request = calf_pps.PlanReplayRequest(job=job, packages=packages)
    return client.call("/calf_pps_v1.API/PlanReplay", request)


def _notes(plan: Message) -> tuple[str, ...]:
    ran = plan.job.pipeline_version
    if ran == plan.newest_version:
        return ()
    return (
        f"with version {ran} of the pipeline, as the job did; it is at version {plan.newest_version} now",
    )


@contextmanager
def _scratch(client: Client, job: Message, *, keep: bool) -> Iterator[Message]:
    """A new run of a job; it goes when the block ends, unless it is to be kept.

    However this process ends, the server then drops what is left, since the stream has ended.
    """
    request = calf_pps.RunPipelineRequest(pipeline=job.job.pipeline, job_id=job.job.id)
    if keep:
        yield client.call("/calf_pps_v1.API/RunPipeline", request).job
        return
    stream = client.call("/calf_pps_v1.API/TryPipeline", request)
    again = next(stream).job
    try:
        yield again
    finally:
        with suppress(NotFound):  # somebody else dropped it
            whole = pfs.CommitSet(id=again.id)
            client.pfs.DropCommitSet(pfs.DropCommitSetRequest(commit_set=whole))
        stream.close()


def _why(client: Client, info: Message) -> str:
    """Why a run failed, with the words of its first datums that did."""
    datums = [datum.calf.reason for datum in failed_datums(client, info) if datum.calf.reason]
    return "; ".join(filter(None, [f"{job_state(info.state)}: {info.reason}".rstrip(": "), *datums]))


def _compared(client: Client, plan: Message, info: Message, outcome: Outcome, found: Comparison) -> Outcome:
    if not found.number:
        result = WITHIN_TOLERANCE if found.tolerated else REPRODUCED
        return replace(outcome, result=result, tolerated=found.tolerated)
    return replace(
        outcome,
        shown=tuple(found.shown),
        differing=tuple(found.differing),
        number=found.number,
        tolerated=found.tolerated,
        environment=_around(client, plan, info),
    )


def _around(client: Client, plan: Message, info: Message) -> tuple[str, ...]:
    """What changed around the stage; the packages are read file by file, now that it matters."""
    known = {fault.words for fault in plan.faults}
    faults = _plan(client, plan.job.job, packages=True).faults
    lines = [fault.words for fault in faults if fault.words not in known]
    old, new = (statement_about(client, each.output_commit) for each in (plan.job, info))
    if old is None and plan.job.calf.isolation != info.calf.isolation:
        lines.append(f"isolation: {plan.job.calf.isolation} → {info.calf.isolation}")
    return (*lines, *what_changed(old, new))
