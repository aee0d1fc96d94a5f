"""The scheduler: one thread that looks at the rows after each change, and one thread for each job that runs.

Nothing is remembered that the rows do not say. After a crash the first look finds unfinished jobs and goes on
with them; a job that was stopped, updated away or deleted is seen to be over, and its thread told to leave.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from calf.db import jobs, ledger, pipelines
from calf.db.tx import Tx
from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError, Cancelled, NoSpace
from calf.model.refs import Job
from calf.model.states import JobState, PipelineState, PipelineType
from calf.pfs.branches import firing
from calf.pps import cron
from calf.pps.engine import Pps
from calf.pps.jobs.catch_up import catch_up
from calf.pps.jobs.data_filter import reads
from calf.pps.jobs.end import closed_by_others, end_badly
from calf.pps.jobs.move import move, save, unfinished
from calf.pps.pipelines import retry_images
from calf.pps.pipelines.state import is_down
from calf.pps.scheduler.deadline import deadline, pause
from calf.pps.scheduler.plan import Step, Verb, plan
from calf.pps.scheduler.process import process
from calf.pps.scheduler.serving import end_unserved, serve
from calf.pps.scheduler.slots import Slots
from calf.pps.scheduler.spouts import Spouts, wanted_spouts
from calf.pps.scheduler.threads import Thread, Threads
from calf.pps.scheduler.timer import Timer
from calf.pps.scheduler.work import Shared, Work

TIMED_OUT = " jobtimed out"
"""Pachyderm's reason for a job that took longer than its pipeline allows, to the letter."""
_AT_ONCE = 200
RETRY_AFTER = 10.0
"""Seconds until the scheduler looks again for what no row tells of."""


class Scheduler:
    """Runs the jobs of one data folder; start and stop it once.

    `report` takes unexpected errors, with a line saying where, for the server's own log. `retry_after` is how
    many seconds later something is tried again that no row will tell of: a full disk, a missing image.
    """

    def __init__(
        self,
        pps: Pps,
        report: Callable[[str, BaseException], None],
        retry_after: float = RETRY_AFTER,
        threads: Threads | None = None,
    ) -> None:
        workers, threads = pps.settings.workers, threads or Threads()
        self._shared = Shared(pps, Slots(workers), workers, pps.running, report, retry_after, threads)
        self._retry_after = retry_after
        self._stop = CancelToken()
        self._timer = Timer(
            pps.pfs, [partial(cron.due, pps.pfs), partial(firing.due, pps.pfs)], report, retry_after
        )
        self._active: dict[Job, tuple[Work, Thread]] = {}  # of the scheduler's thread
        self._spouts = Spouts(self._shared, self._stop, self._guard)
        self._thread = threads.thread(self._loop, "scheduler")

    def start(self) -> None:
        """Begin; unfinished jobs of an earlier process go on."""
        self._thread.start()

    def stop(self) -> None:
        """Cancel what runs, to be resumed at the next start, and wait until all threads have left."""
        self._stop.cancel()
        self._thread.join()
        for _, thread in self._active.values():
            thread.join()
        self._spouts.join()

    def restart_datum(self, job: Job, filters: tuple[str, ...]) -> int:
        """Start over the running datums of a job that read what `filters` name; says how many there were."""
        found = [it for it in self._shared.running.attempts(job) if reads(it.inputs, filters)]
        for attempt in found:
            attempt.cancel.cancel()
        return len(found)

    def _loop(self) -> None:
        pfs = self._shared.pps.pfs
        with suppress(Cancelled):
            while True:
                self._stop.check()
                with pfs.read() as tx:
                    seen = ledger.last(tx)
                try:
                    soon = self._tick()
                except Cancelled:
                    raise
                except Exception as error:  # noqa: BLE001 - the scheduler's tick: reported, and tried again
                    self._shared.report("scheduler", error)
                    pause(self._stop, self._retry_after)
                    continue
                self._wait(seen, soon)

    def _wait(self, seen: int, soon: float | None) -> None:
        """Wait for a change, at most `soon` seconds; for a while only, when a pipeline lacks its image, which
        no row tells of.
        """
        pfs, woken = self._shared.pps.pfs, self._stop.child()
        with pfs.read() as tx:
            lacking = not all(map(is_down, pipelines.in_state(tx, PipelineState.CRASHING)))
        limits = [*([] if soon is None else [soon]), *([self._retry_after] if lacking else [])]
        alarm = self._shared.threads.alarm(min(limits, default=0.0), woken.cancel)
        if limits:
            alarm.start()
        try:
            pfs.db.wait(partial(_beyond, seen), woken)
        except Cancelled:
            self._stop.check()
            if not woken.cancelled:
                raise  # the database is closing
        finally:
            alarm.cancel()

    def _tick(self) -> float | None:
        """Do all that can be done now; gives in how many seconds something is due."""
        pfs = self._shared.pps.pfs
        soon = self._timer.run()
        retry_images(self._shared.pps)
        catch_up(pfs)
        with pfs.read() as tx:
            steps = list(plan(tx))
            over = [pair for pair in self._active.values() if not unfinished(tx, pair[0].job)]
            spouts = wanted_spouts(tx)
        self._spouts.keep(spouts)
        for work, thread in over:
            work.cancel.cancel()
            if not thread.is_alive():
                self._active.pop(work.job)
        for step in steps:
            if step.verb is Verb.RUN:
                self._run(step)
            elif step.verb is Verb.SUPERSEDE:
                self._supersede(step)
            elif step.verb is not Verb.QUEUE:
                self._note(step)
        self._queue([step for step in steps if step.verb is Verb.QUEUE and step.job.reason != step.reason])
        return soon

    def _queue(self, steps: list[Step]) -> None:
        """Write down what jobs that are in line wait for, many at once."""
        for begin in range(0, len(steps), _AT_ONCE):
            with self._shared.pps.pfs.transaction():
                for step in steps[begin : begin + _AT_ONCE]:
                    self._note(step)

    def _note(self, step: Step) -> None:
        """Write down that a job waits, and for what, unless it says so already; or that it never runs."""
        if (
            step.verb is Verb.HOLD
            and step.job.state is not JobState.CREATED
            and step.job.reason == step.reason
        ):
            return
        with self._shared.pps.pfs.transaction() as txn:
            info = unfinished(txn.tx, step.job.job)
            if info is None:
                return
            match step.verb:
                case Verb.REFUSE:
                    end_badly(txn, info, JobState.UNRUNNABLE, step.reason)
                case Verb.FAIL:
                    end_badly(txn, info, JobState.FAILURE, step.reason)
                case Verb.HOLD if info.state is JobState.CREATED:
                    move(txn, info, JobState.STARTING, step.reason)
                case _ if info.reason != step.reason:
                    save(txn, replace(info, reason=step.reason))

    def _supersede(self, step: Step) -> None:
        """End the job of a service, a newer one being there to take over."""
        active = self._active.get(step.job.job)
        if active is not None:
            active[0].superseded.set()
            active[0].cancel.cancel()
            return
        with self._shared.pps.pfs.transaction() as txn:
            info = unfinished(txn.tx, step.job.job)
            if info is not None:
                end_unserved(txn, info)

    def _run(self, step: Step) -> None:
        """See that a thread works on the job."""
        job, transform, image = step.job.job, step.pipeline.spec.transform, step.pipeline.image
        with self._shared.pps.pfs.read() as tx:
            number = jobs.number(tx, job)
        if job in self._active or transform is None or image is None or number is None:
            return
        work = Work(self._shared, job, number, step.pipeline, transform, image, self._stop.child())
        thread = self._shared.threads.thread(partial(self._work, work), f"job {job}")
        thread.start()
        self._active[job] = (work, thread)

    def _work(self, work: Work) -> None:
        """The thread of a job. A job that cannot even be ended is left as it is until the next start."""
        try:
            with deadline(work):
                self._persist(work)
        except Cancelled:
            if work.timed_out.is_set():
                self._end(work, JobState.KILLED, TIMED_OUT)
        except CalfError as error:
            self._end(work, JobState.FAILURE, error.message)
        except Exception as error:  # noqa: BLE001 - the scheduler: the job fails with the reason, others go on
            self._shared.report(f"job {work.job}", error)
            self._end(work, JobState.FAILURE, f"internal error: {type(error).__name__}: {error}")

    def _guard(self, where: str, act: Callable[[], None]) -> None:
        """Run what has a thread of its own and no job to fail."""
        try:
            act()
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - the scheduler: reported, and begun again at a later tick
            self._shared.report(where, error)

    def _persist(self, work: Work) -> None:
        """Process the job; a full disk is nobody's fault, so the job waits for space and tries again."""
        while True:
            try:
                if work.pipeline.type is PipelineType.SERVICE:
                    serve(work)
                else:
                    process(work)
                return
            except NoSpace as error:
                self._shared.report(f"job {work.job} waits for space", error)
                with suppress(NoSpace):
                    self._say(work, f"waiting for space: {error.message}")
                pause(work.cancel, self._retry_after)

    def _say(self, work: Work, reason: str) -> None:
        with self._shared.pps.pfs.transaction() as txn:
            info = unfinished(txn.tx, work.job)
            if info is not None:
                save(txn, replace(info, reason=reason))

    def _end(self, work: Work, state: JobState, reason: str) -> None:
        """End the job, as soon as there is space to write that down."""
        with suppress(Cancelled):
            while (trouble := self._try_to_end(work, state, reason)) is not None:
                self._shared.report(f"job {work.job} could not be ended ({reason})", trouble)
                if not isinstance(trouble, NoSpace):
                    return
                pause(self._stop, self._retry_after)

    def _try_to_end(self, work: Work, state: JobState, reason: str) -> CalfError | None:
        try:
            with self._shared.pps.pfs.transaction() as txn:
                info = unfinished(txn.tx, work.job)
                if info is not None:
                    if closed := closed_by_others(txn.tx, work.job):
                        state, reason = JobState.KILLED, closed
                    end_badly(txn, info, state, reason)
        except Cancelled:
            raise
        except CalfError as error:
            return error
        return None


def _beyond(seen: int, tx: Tx) -> bool | None:
    return ledger.last(tx) > seen or None
