"""Running one datum: up to so many attempts, of which only the last decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calf.kit import durations
from calf.kit.cancel import CancelToken
from calf.model.errors import Internal, NoSpace
from calf.model.limits import Limit, in_force
from calf.model.ports import DatumRun, InputFile, Outcome, Storing, Worker
from calf.model.states import DatumState
from calf.pps.running import Attempt
from calf.pps.scheduler import environment
from calf.pps.scheduler.layout import input_files
from calf.pps.scheduler.work import Task, Work


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a datum that saw these `files` (None: to be looked up), and the last attempt's outcome;
    `isolation` is the level that it ran at, `limits` are those in force there.
    """

    task: Task
    outcome: Outcome
    isolation: str
    limits: tuple[Limit, ...] = ()
    files: Sequence[InputFile] | None = None

    @property
    def state(self) -> DatumState:
        """SUCCESS, RECOVERED or FAILED."""
        if self.outcome.ok:
            return DatumState.SUCCESS
        return DatumState.RECOVERED if self.outcome.recovered else DatumState.FAILED


def run_datum(
    work: Work, worker: Worker, task: Task, stop: CancelToken, into: Storing, followed: bool = False
) -> Ended:
    """Attempt a datum until it succeeds or its tries are used up; one told to start over uses none.

    What it puts out goes `into` that. `followed`: the worker is likely to get another one afterwards.

    Raises `Cancelled` when told to `stop`, and what `Worker.run` raises.
    """
    run = DatumRun(
        datum_id=task.datum.id,
        env=environment.of_datum(work.job, task.datum.id, task.inputs),
        inputs=tuple(input_files(work, task.inputs)),
        timeout=work.spec.datum_timeout,
        hold=work.hold,
        into=into,
        followed=followed,
        room=work.rooms.get(task.datum.id, 0),
    )
    tries = max(1, work.spec.datum_tries)
    while True:
        outcome = _attempt(work, worker, task, run, stop)
        if outcome.cancelled:
            work.log(task.datum.id, "datum restarted on request")
            continue
        if not outcome.ok:
            after = durations.format(round(outcome.stats.process_time, 3))
            work.log(task.datum.id, f"errored running user code after {after}: {outcome.reason}")
            tries -= 1
        if outcome.ok or not tries:
            return Ended(task, outcome, worker.isolation, in_force(work.spec, worker.limits), run.inputs)


def _attempt(work: Work, worker: Worker, task: Task, run: DatumRun, stop: CancelToken) -> Outcome:
    cancel = stop.child()
    with (
        work.shared.slots.hold(stop),
        work.shared.running.attempt(Attempt(task.datum, task.inputs, cancel, work.pps.pfs.clock())),
    ):
        try:
            outcome = worker.run(run, lambda line, user: work.log(task.datum.id, line, user), cancel)
        except NoSpace as error:  # no try is used up; begun again, it says what it needs
            work.rooms[task.datum.id] = max(run.room, error.room)
            raise
    stop.check()
    if outcome.cancelled and not cancel.cancelled:
        raise Internal(f"the runner says that datum {task.datum.id} was cancelled, which nobody asked for")
    return outcome
