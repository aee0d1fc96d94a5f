"""The scheduler: one thread that looks at the rows after each change, and one thread for each job that runs.

Nothing is remembered that the rows do not say. After a crash the first look finds unfinished jobs and goes on
with them; a job that was stopped, updated away or deleted is seen to be over, and its thread told to leave.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from calf.db import jobs, ledger
from calf.db.tx import Tx
from calf.kit.atomic import disk_failure
from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError, Cancelled, DiskFailed, NoSpace
from calf.model.refs import Job
from calf.model.states import JobState, PipelineType
from calf.pfs.branches import firing
from calf.pps import cron
from calf.pps.engine import Pps
from calf.pps.jobs.catch_up import make_up
from calf.pps.jobs.data_filter import reads
from calf.pps.jobs.end import closed_by_others, end_badly
from calf.pps.jobs.move import NOTED, move, save, unfinished
from calf.pps.pipelines import held_up, retry_images
from calf.pps.scheduler.deadline import deadline, pause
from calf.pps.scheduler.look import Look, look
from calf.pps.scheduler.passing import pass_by
from calf.pps.scheduler.plan import Step, Verb
from calf.pps.scheduler.process import process
from calf.pps.scheduler.serving import end_unserved, serve
from calf.pps.scheduler.slots import Slots
from calf.pps.scheduler.soundness import wait_until_sound
from calf.pps.scheduler.spouts import Spouts
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
        with suppress(Cancelled):
            while True:
                self._stop.check()
                try:
                    seen = self._tick()
                except Cancelled:
                    raise
                except Exception as error:  # noqa: BLE001 - the scheduler's tick: reported, and tried again
                    self._shared.report("scheduler", error)
                    pause(self._stop, self._retry_after)
                    continue
                self._wait(seen)

    def _wait(self, seen: Look) -> None:
        """Wait for a change, at most until something is due; for a while only, when a pipeline lacks its
        image, which no row tells of.
        """
        pfs, woken = self._shared.pps.pfs, self._stop.child()
        limits = [*([] if seen.soon is None else [seen.soon]), *([self._retry_after] if seen.lacking else [])]
        alarm = self._shared.threads.alarm(min(limits, default=0.0), woken.cancel)
        if limits:
            alarm.start()
        try:
            pfs.db.wait(partial(_has_changed, seen.seen), woken)
        except Cancelled:
            self._stop.check()
            if not woken.cancelled:
                raise  # the database is closing
        finally:
            alarm.cancel()

    def _tick(self) -> Look:
        """Do all that can be done now, as seen at one moment; what changes then is for the next tick."""
        seen = self._look()
        if self._pass_by(seen.steps):
            seen = self._look()
        self._spouts.keep(seen.spouts, seen.stops)
        for job in seen.over:
            work, thread = self._active[job]
            work.cancel.cancel()
            if not thread.is_alive():
                self._active.pop(job)
        for step in seen.steps:
            if step.verb is Verb.RUN:
                self._run(step)
            elif step.verb is Verb.SUPERSEDE:
                self._supersede(step)
            elif step.verb in {Verb.REFUSE, Verb.FAIL}:
                self._note(step)
        self._hold([step for step in seen.steps if step.verb in {Verb.HOLD, Verb.QUEUE} and step.is_news])
        return seen

    def _look(self) -> Look:
        """See what there is to do, after doing what comes before; if that does not end, look again soon."""
        pfs, active = self._shared.pps.pfs, list(self._active)
        with pfs.read() as tx:
            seen = look(tx, self._timer, active, self._spouts.heeded)
        if not seen.is_late:
            return seen
        if seen.soon == 0.0:
            self._timer.run()
        if seen.lacking:
            retry_images(self._shared.pps)
        if seen.behind:
            make_up(pfs)
        with pfs.read() as tx:
            after = look(tx, self._timer, active, self._spouts.heeded)
        return replace(after, seen=seen.seen) if after.is_late else after

    def _pass_by(self, steps: list[Step]) -> bool:
        """End the jobs that have nothing to do; one about which that fails goes its usual way."""
        new = [step for step in steps if step.verb is Verb.RUN and step.job.job not in self._active]
        found: list[bool] = []
        if new:
            self._guard("scheduler", lambda: found.append(pass_by(self._shared, self._active.keys(), new)))
        return any(found)

    def _hold(self, steps: list[Step]) -> None:
        """Write down what jobs wait for, many at once."""
        for begin in range(0, len(steps), _AT_ONCE):
            with self._shared.pps.pfs.transaction():
                for step in steps[begin : begin + _AT_ONCE]:
                    self._note(step)

    def _note(self, step: Step) -> None:
        """Write down that a job waits, and for what; or that it never runs."""
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
                    move(txn, info, JobState.STARTING, step.reason, step.waits)
                case _ if (info.reason, info.waits) != (step.reason, step.waits):
                    save(txn, replace(info, reason=step.reason, waits=step.waits))

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
        if job in self._active or transform is None or image is None:
            return
        with self._shared.pps.pfs.read() as tx:
            number = jobs.number(tx, job)
        if number is None:
            return
        hold, cancel = self._shared.pps.pfs.store.hold(), self._stop.child()
        work = Work(self._shared, job, number, step.pipeline, transform, image, hold, cancel)
        thread = self._shared.threads.thread(partial(self._work, work), f"job {job}")
        try:
            thread.start()
        except BaseException:
            hold.release()
            raise
        self._active[job] = (work, thread)

    def _work(self, work: Work) -> None:
        """The thread of a job. A job that cannot even be ended is left as it is until the next start."""
        try:
            wait_until_sound(work)
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
        finally:
            work.hold.release()

    def _guard(self, where: str, act: Callable[[], None]) -> None:
        """Run what has a thread of its own and no job to fail."""
        try:
            act()
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - the scheduler: reported, and begun again at a later tick
            self._shared.report(where, error)

    def _persist(self, work: Work) -> None:
        """Process the job; a full or failing disk is nobody's fault: the job waits for it and tries again."""
        while True:
            try:
                if work.pipeline.type is PipelineType.SERVICE:
                    serve(work)
                else:
                    process(work)
                return
            except (NoSpace, DiskFailed) as error:
                self._wait_for_disk(work, error)
            except OSError as error:
                trouble = disk_failure(error)
                if trouble is None:
                    raise
                self._wait_for_disk(work, trouble)

    def _wait_for_disk(self, work: Work, trouble: CalfError) -> None:
        self._shared.report(f"job {work.job} waits for {held_up.wanted(trouble)}", trouble)
        with suppress(NoSpace, DiskFailed):
            self._say(work, held_up.reason(trouble))
        pause(work.cancel, self._retry_after)

    def _say(self, work: Work, reason: str) -> None:
        with self._shared.pps.pfs.transaction() as txn:
            info = unfinished(txn.tx, work.job)
            if info is not None:
                save(txn, replace(info, reason=reason))

    def _end(self, work: Work, state: JobState, reason: str) -> None:
        """End the job, as soon as the disk lets us write that down."""
        with suppress(Cancelled):
            while (trouble := self._try_to_end(work, state, reason)) is not None:
                self._shared.report(f"job {work.job} could not be ended ({reason})", trouble)
                if not isinstance(trouble, NoSpace | DiskFailed):
                    return
                pause(self._stop, self._retry_after)

    def _try_to_end(self, work: Work, state: JobState, reason: str) -> CalfError | None:
        try:
            with self._shared.pps.pfs.transaction() as txn:
                info = unfinished(txn.tx, work.job)
                if info is not None:
                    serves = work.pipeline.type is PipelineType.SERVICE
                    if closed := closed_by_others(txn.tx, work.job, serves=serves):
                        state, reason = JobState.KILLED, closed
                    end_badly(txn, info, state, reason)
        except Cancelled:
            raise
        except CalfError as error:
            return error
        return None


def _has_changed(seen: int, tx: Tx) -> bool | None:
    return ledger.has_news(tx, seen, but=NOTED) or None
