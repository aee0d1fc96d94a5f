"""A job's workers: threads that take one set of datums after another, each with a worker of the runner."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from queue import Empty
from threading import Lock
from typing import Self

from calf.kit.cancel import CancelToken
from calf.model.ports import Worker
from calf.pps.scheduler.attempt import run_datum
from calf.pps.scheduler.datum_sets import datum_sets
from calf.pps.scheduler.desk import Desk, Taken, take_all
from calf.pps.scheduler.stage import worker_spec
from calf.pps.scheduler.threads import Queue, Thread
from calf.pps.scheduler.work import Task, Work

_AT_ONCE = 500

News = bool | Exception | None
"""What a thread says: that datums have ended, what went wrong with the engine, or (last) that it is done."""


class Pool:
    """Up to `parallelism` workers, kept from one phase of the job to the next; use it in a `with`."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lock = Lock()
        self._idle: list[Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the workers go, which leave nothing behind."""
        while self._idle:
            self._idle.pop().close()

    def run(self, tasks: Sequence[Task], record: Callable[[Taken], None]) -> None:
        """Run all tasks, whatever becomes of each; `record` gets them, in this thread, as they end: all those
        together that did so while it was busy with others.

        Raises `Cancelled` when some were left because the job is to stop. The first error of the engine
        itself is raised once all threads have left.
        """
        if not tasks:
            return
        make = self._work.shared.threads
        news = make.queue()
        workers = min(self._work.spec.parallelism, self._work.shared.workers)
        sets = list(datum_sets(tasks, self._work.spec.datum_set_spec, workers))
        pending, stop = deque(sets), self._work.cancel.child()
        store, hold = self._work.pps.pfs.store, self._work.hold
        tell = partial(news.put, True)
        desks = [Desk(store, hold, make.alarm, tell) for _ in range(min(workers, len(sets)))]
        acts = [partial(self._serve, pending, stop, news, desk) for desk in desks]
        threads: list[Thread] = []
        try:
            for number, act in enumerate(acts if len(tasks) > 1 else ()):
                thread = make.thread(act, f"{self._work.job}#{number}")
                thread.start()
                threads.append(thread)
            if not threads:
                acts[0]()  # one datum is run by this thread, which has nothing else to do
            for taken in _batches(news, desks):
                record(taken)
            stop.check()  # a worker that is told to stop leaves its tasks, and says nothing
        finally:
            stop.cancel()
            for thread in threads:
                thread.join()
            for desk in desks:
                desk.drop()

    def _serve(self, pending: deque[Sequence[Task]], stop: CancelToken, news: Queue, desk: Desk) -> None:
        try:
            with self._worker() as worker:
                while (datum_set := self._next(pending)) is not None:
                    for place, task in enumerate(datum_set, start=1):
                        if stop.cancelled:
                            return
                        desk.go_on()
                        followed = place < len(datum_set) or bool(pending)
                        desk.end(run_datum(self._work, worker, task, stop, desk, followed))
                    worker.end_set()
        except Exception as error:  # noqa: BLE001 - the worker loop: raised again in the thread of the job
            news.put(error)
        finally:
            desk.leave()
            news.put(None)

    def _next(self, pending: deque[Sequence[Task]]) -> Sequence[Task] | None:
        with self._lock:
            return pending.popleft() if pending else None

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        worker = worker or self._work.pps.runner.worker(worker_spec(self._work.pps, self._work.pipeline))
        try:
            yield worker
        finally:
            with self._lock:
                self._idle.append(worker)


def _batches(news: Queue, desks: Sequence[Desk]) -> Iterator[Taken]:
    threads = len(desks)
    while threads:
        error: Exception | None = None
        for one in _drain(news):
            if one is None:
                threads -= 1
            elif isinstance(one, Exception):
                error = error or one
        taken = take_all(desks)
        if taken.ended:
            yield taken
        if error is not None:
            raise error


def _drain(news: Queue) -> Iterator[News]:
    yield news.get()
    try:
        for _ in range(_AT_ONCE):
            yield news.get_nowait()
    except Empty:
        return
