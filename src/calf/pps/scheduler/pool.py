"""A job's workers: threads that take one set of datums after another, each with a worker of the runner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from queue import Empty
from threading import Lock
from typing import Self

from calf.kit.cancel import CancelToken
from calf.model.ports import Worker
from calf.pps.scheduler.attempt import Ended, run_datum
from calf.pps.scheduler.datum_sets import datum_sets
from calf.pps.scheduler.stage import worker_spec
from calf.pps.scheduler.threads import Queue
from calf.pps.scheduler.work import Task, Work

_BATCH = 500

Result = Ended | Exception | None
"""What a thread hands over: a datum's end, what went wrong with the engine, or (last) that it is done."""


class Pool:
    """Up to `parallelism` workers, kept from one phase of the job to the next; use it in a `with`."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lock = Lock()
        self._idle: list[Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._idle:
            self._idle.pop().close()

    def run(self, tasks: Sequence[Task], record: Callable[[list[Ended]], None]) -> None:
        """Run all tasks, whatever becomes of each; `record` gets them, in this thread, as they end.

        Raises `Cancelled` when some were left because the job is to stop. The first error of the engine
        itself is raised once all threads have left.
        """
        if not tasks:
            return
        make = self._work.shared.threads
        results = make.queue()
        workers = min(self._work.spec.parallelism, self._work.shared.workers)
        sets = list(datum_sets(tasks, self._work.spec.datum_set_spec, workers))
        pending, stop = iter(sets), self._work.cancel.child()
        size = min(workers, len(sets))
        threads = [
            make.thread(partial(self._serve, pending, stop, results), f"{self._work.job}#{number}")
            for number in range(size)
        ]
        for thread in threads:
            thread.start()
        try:
            for batch in _batches(results, size):
                record(batch)
            stop.check()  # a worker that is told to stop leaves its tasks, and says nothing
        finally:
            stop.cancel()
            for thread in threads:
                thread.join()

    def _serve(self, pending: Iterator[Sequence[Task]], stop: CancelToken, results: Queue) -> None:
        try:
            with self._worker() as worker:
                while (datum_set := self._next(pending)) is not None:
                    for task in datum_set:
                        if stop.cancelled:
                            return
                        results.put(run_datum(self._work, worker, task, stop))
                    worker.end_set()
        except Exception as error:  # noqa: BLE001 - the worker loop: raised again in the thread of the job
            results.put(error)
        finally:
            results.put(None)

    def _next(self, pending: Iterator[Sequence[Task]]) -> Sequence[Task] | None:
        with self._lock:
            return next(pending, None)

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


def _batches(results: Queue, threads: int) -> Iterator[list[Ended]]:
    while threads:
        batch: list[Ended] = []
        error: Exception | None = None
        for result in _drain(results):
            if isinstance(result, Ended):
                batch.append(result)
            elif result is None:
                threads -= 1
            else:
                error = error or result
        if batch:
            yield batch
        if error is not None:
            raise error


def _drain(results: Queue) -> Iterator[Result]:
    yield results.get()
    try:
        for _ in range(_BATCH):
            yield results.get_nowait()
    except Empty:
        return
