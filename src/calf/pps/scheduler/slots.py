"""How many datums the whole process runs at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from calf.model.errors import Cancelled
from calf.model.ports import Cancel


class Slots:
    """So many at a time, first come, first served; whoever waits can be told to stop.

    A slot is held for one attempt at one datum and never while waiting for a job, so it cannot deadlock.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._queue: deque[object] = deque()
        self._changed = Condition()

    @contextmanager
    def hold(self, cancel: Cancel) -> Iterator[None]:
        """Hold one slot. Raises `Cancelled` when told to stop before there is one."""
        self._take(cancel)
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def _take(self, cancel: Cancel) -> None:
        ticket = object()
        forget = cancel.on_cancel(self._wake)
        try:
            with self._changed:
                self._queue.append(ticket)
                while not cancel.cancelled and not (self._free and self._queue[0] is ticket):
                    self._changed.wait()
                self._queue.remove(ticket)
                self._changed.notify_all()
                if cancel.cancelled:
                    raise Cancelled("no longer wanted")
                self._free -= 1
        finally:
            forget()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
