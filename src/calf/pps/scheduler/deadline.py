"""Time limits of jobs, and pauses that can be cut short."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from calf.db import jobs
from calf.kit.cancel import CancelToken
from calf.pps.scheduler.work import Work


@contextmanager
def deadline(work: Work) -> Iterator[None]:
    """Cancel the work when the job takes longer, from its first start on, than its pipeline allows."""
    allowed = work.spec.job_timeout
    if not allowed:
        yield
        return
    pfs = work.pps.pfs
    with pfs.read() as tx:
        info = jobs.get(tx, work.job)
    spent = max(0.0, pfs.clock() - info.started) if info and info.started else 0.0

    def expire() -> None:
        work.timed_out.set()
        work.cancel.cancel()

    timer = work.shared.threads.alarm(max(0.0, allowed - spent), expire)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def pause(cancel: CancelToken, seconds: float) -> None:
    """Wait, unless cancelled. Raises `Cancelled`."""
    _wait(cancel, seconds)


def forever(cancel: CancelToken) -> None:
    """Wait until cancelled. Raises `Cancelled`."""
    _wait(cancel, None)


def _wait(cancel: CancelToken, seconds: float | None) -> None:
    woken = Event()
    forget = cancel.on_cancel(woken.set)
    woken.wait(seconds)
    forget()
    cancel.check()
