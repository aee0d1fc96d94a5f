"""One request is worked on at a time; few wait, and not for long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock


class BusyError(Exception):
    """Too many wait already, or the turn did not come in time: ask again later."""


class Turns:
    """Lets one through and `waiting` others wait, each at most `patience` seconds.

    A photo can need hundreds of megabytes to be decoded, and a model takes all cores: two at a time would
    need twice the memory, and be no faster.
    """

    def __init__(self, waiting: int = 8, patience: float = 30.0) -> None:
        self._places = BoundedSemaphore(waiting + 1)
        self._turn = Lock()
        self._patience = patience

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have one's turn. Raises `BusyError`."""
        if not self._places.acquire(blocking=False):
            raise BusyError("too many requests are waiting")
        try:
            if not self._turn.acquire(timeout=self._patience):
                raise BusyError(f"{self._patience:g} seconds were not enough to have a turn")
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()
