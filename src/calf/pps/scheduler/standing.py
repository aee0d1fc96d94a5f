"""Keeping a stage up that is to run all the time: whenever it ends, it is started again, ever more slowly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

from calf.db import pipelines
from calf.kit import durations
from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError
from calf.model.ports import DatumRun, Log, Outcome, Worker
from calf.model.pps_infos import PipelineInfo
from calf.model.states import PipelineState
from calf.pfs.transaction import Txn
from calf.pps.pipelines.state import TRIED_AGAIN, is_down
from calf.pps.scheduler.backoff import backoff
from calf.pps.scheduler.deadline import pause
from calf.pps.scheduler.stage import worker_spec
from calf.pps.scheduler.work import Shared

LONG = 60.0
"""Seconds after which a stage counts as having run well: what happened before is forgotten."""
_AT_FIRST, _AFTER_A_FALL = 1 / 50, 1 / 5
"""How long a stage has to live until it counts as standing, in parts of the usual time between attempts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A stage to keep up. `begins` is called before each start, with its worker; `say` with how
    it is, for users, and whether it stands. `stood` is set once it did, and not by one that soon fell.
    """

    shared: Shared
    info: PipelineInfo
    run: DatumRun
    log: Log
    begins: Callable[[Worker], None]
    say: Callable[[str, bool], None]
    stood: Event = field(default_factory=Event)


def keep_up(stage: Standing, cancel: CancelToken, upright: str) -> None:
    """Run the stage until cancelled; `upright` is what to say of it while it stands. Raises `Cancelled`.

    Only one stage of a pipeline stands at a time, so that the next finds the port free.
    """
    clock, retry_after = stage.shared.pps.pfs.clock, stage.shared.retry_after
    with stage.shared.standing.hold(stage.info.pipeline):
        delays, patience, proven = backoff(retry_after), _AT_FIRST * retry_after, False
        while True:
            cancel.check()
            began = clock()
            trouble = _run(stage, cancel, upright, patience)
            cancel.check()
            lived = clock() - began
            if lived > LONG:
                delays = backoff(retry_after)
            delay, patience = next(delays), _AFTER_A_FALL * retry_after
            proven = proven or lived > patience
            if not proven:  # it was slow to fall
                stage.stood.clear()
            told = f"{trouble}{TRIED_AGAIN}{durations.format(delay)}"
            stage.log(told, False)
            stage.say(told, False)
            pause(cancel, delay)


def note(txn: Txn, info: PipelineInfo, reason: str, stands: bool) -> None:
    """Write down how a pipeline is whose stage stands, or does not (CRASHING), unless that is over."""
    now = pipelines.get(txn.tx, info.pipeline)
    if now is None or now.spec_commit != info.spec_commit:
        return
    state = PipelineState.RUNNING if stands else PipelineState.CRASHING
    concerned = now.state is PipelineState.RUNNING or is_down(now)
    if concerned and (now.state, now.reason) != (state, reason):
        pipelines.set_state(txn.tx, info.pipeline, state, reason, now.stopped)
        txn.record("pipeline-changed", info.pipeline)


def _run(stage: Standing, cancel: CancelToken, upright: str, patience: float) -> str:
    """One run, whatever becomes of it: how it ended, in words."""
    pps = stage.shared.pps
    if stage.info.image and (why := pps.images.changed(stage.info.image)):
        return why
    try:
        worker = pps.runner.worker(worker_spec(pps, stage.info))
    except CalfError as error:
        return error.message
    try:
        stage.begins(worker)
        with _telling(stage, upright, patience):
            outcome: Outcome = worker.run(stage.run, stage.log, cancel)
    finally:
        worker.close()
    if outcome.exit_code is None and outcome.reason:
        return outcome.reason
    return f"the stage ended with {outcome.reason or 'exit code 0'}"


@contextmanager
def _telling(stage: Standing, upright: str, patience: float) -> Iterator[None]:
    """Say that the stage stands once it has lived so many seconds, and never after it ended."""
    lock, over = Lock(), Event()

    def tell() -> None:
        with lock:
            if over.is_set():
                return
            try:
                stage.say(upright, True)
            except CalfError as error:  # a full disk: what stands goes on, unsaid
                stage.shared.report(f"pipeline {stage.info.pipeline} stands", error)
            stage.stood.set()

    alarm = stage.shared.threads.alarm(patience, tell)
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()
        with lock:
            over.set()
