"""Where a worker's thread leaves what its datums put out, until it is made durable: many at a time.

A barrier and a transaction for each datum would cost more than most datums. So nothing is sealed by the
worker, and whoever records is not called for each: what ends within a moment is taken together. After a
crash that moment's datums are run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from calf.model.content import Content
from calf.model.ports import Held
from calf.pps.scheduler.attempt import Ended
from calf.pps.scheduler.threads import Alarm
from calf.storage.store import Store
from calf.storage.writer import Writer

MOMENT = 0.05
"""Seconds for which a datum that has ended may wait for others, while its worker goes on."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Datums that have ended, and the writers, not sealed yet, that have what they put out."""

    ended: Sequence[Ended]
    writers: Sequence[Writer]

    def close(self) -> None:
        """Forget what the writers have that was not sealed."""
        for writer in self.writers:
            with writer:
                pass


class Desk:
    """One thread's; implements `ports.Storing`. What is taken may be sealed in another thread.

    `alarm` makes alarms, which call `tell`.
    """

    def __init__(
        self,
        store: Store,
        hold: Held,
        alarm: Callable[[float, Callable[[], None]], Alarm],
        tell: Callable[[], None],
    ) -> None:
        self._store = store
        self._hold = hold
        self._new_alarm = alarm
        self._tell = tell
        self._alarm: Alarm | None = None
        self._lock = Lock()
        self._writer: Writer | None = None
        self._ended: list[Ended] = []
        self._asked = False

    def stream(self, pieces: Iterable[bytes]) -> Content:
        """Store a file; it is durable once the datum that it is of has been taken and its writer sealed."""
        with self._busy():
            if self._writer is None:
                self._writer = self._store.writer(self._hold)
            return self._writer.stream(pieces)

    def end(self, ended: Ended) -> None:
        """Leave a datum that is over."""
        with self._busy():
            self._ended.append(ended)

    def go_on(self) -> None:
        """Before the next datum: see that what has ended does not wait for that one's end."""
        with self._busy():
            if self._ended and self._alarm is None:
                self._alarm = self._new_alarm(MOMENT, self._ring)
                self._alarm.start()

    def leave(self) -> None:
        """The thread that works here is done."""
        with self._lock:
            if self._alarm is not None:
                self._alarm.cancel()

    def _ring(self) -> None:
        self._alarm = None
        self._tell()

    def take(self) -> Taken:
        """All that is over, but nothing while a file is being stored: after that it tells again.

        A datum's files may lie in several writers, of which all but the last were taken before.
        """
        self._asked = True  # before the lock is tried: who holds it then looks after letting go of it
        if not self._lock.acquire(blocking=False):
            return Taken((), ())
        self._asked = False
        try:
            ended, writer = self._ended, self._writer
            if not ended:
                return Taken((), ())
            self._ended, self._writer = [], None
            return Taken(ended, [writer] if writer is not None else [])
        finally:
            self._lock.release()

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """Keep `take` away for a moment, which may be as long as a file takes; who came meanwhile is told."""
        try:
            with self._lock:
                yield
        finally:
            if self._asked:
                self._tell()

    def drop(self) -> None:
        """Forget what was not taken; its thread has left."""
        if self._writer is not None:
            with self._writer:
                self._writer = None


def take_all(desks: Iterable[Desk]) -> Taken:
    """All that is over on any of them."""
    taken = [desk.take() for desk in desks]
    return Taken(
        [ended for one in taken for ended in one.ended], [writer for one in taken for writer in one.writers]
    )
