"""An engine whose threads go one at a time, each stopping before its next transaction until told to go on.

So a test draws who goes on, and finds every order of transactions that real threads might find by chance; the
same draws give the same order. A crash is possible wherever one stops.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import Empty
from typing import Any, Self, TypeVar

from calf.db.database import Database
from calf.db.tx import Tx
from calf.model.errors import NoSpace
from calf.model.ports import Cancel
from calf.pps.scheduler.threads import Threads

T = TypeVar("T")


class Crashed(BaseException):
    """Ends a strand where it stands; nothing that the engine catches."""


class Strand:
    """A thread that runs only in `go_on`; satisfies `threads.Thread`."""

    def __init__(self, conductor: Conductor, act: Callable[[], None], name: str) -> None:
        self.name = name
        self._conductor, self._act = conductor, act
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._turn, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._ready: Callable[[], bool] = _always
        self._started = self._left = False

    def start(self) -> None:
        self._conductor.strands.append(self)
        self._started = True

    def is_alive(self) -> bool:
        return self._started and not self._left

    def join(self) -> None:
        if self._conductor.current is not None:
            self._conductor.stop_here(lambda: not self.is_alive())
        elif self._started:
            self._conductor.run(lambda: not self.is_alive())

    @property
    def ready(self) -> bool:
        """Whether it can go on now."""
        return self._ready()

    def go_on(self) -> None:
        """Run to where it stops next, or to its end."""
        self._conductor.current = self
        if not self._thread.ident:
            self._thread.start()
        else:
            self._turn.release()
        self._back.acquire()
        self._conductor.current = None

    def stop_here(self, ready: Callable[[], bool]) -> None:
        """Called in the strand: give back the turn until `ready`."""
        self._ready = ready
        self._back.release()
        self._turn.acquire()

    def _run(self) -> None:
        try:
            self._act()
        except Crashed:
            pass
        except BaseException as error:  # noqa: BLE001 - the engine's threads let nothing out: the test fails
            self._conductor.errors.append(error)
        self._left = True
        self._conductor.strands.remove(self)
        self._back.release()


class Conductor:
    """All strands that have not left, alarms that count, and whose turn it is."""

    def __init__(self) -> None:
        self.strands: list[Strand] = []
        self.alarms: list[HandAlarm] = []
        self.errors: list[BaseException] = []
        self.current: Strand | None = None
        self._crashed = False

    @property
    def threads(self) -> Threads:
        """What the scheduler is to use."""
        return Threads(partial(Strand, self), partial(HandQueue, self), partial(HandAlarm, self))

    def ready(self) -> list[Strand]:
        return [strand for strand in self.strands if strand.ready]

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Let all go on in turn until nobody can, or as `until` says."""
        rounds = 0
        while (ready := self.ready()) and not until():
            for strand in ready:
                if strand.is_alive() and strand.ready:
                    strand.go_on()
            rounds += 1
            assert rounds < 5000, f"never at rest: {[strand.name for strand in ready]}"

    def stop_here(self, ready: Callable[[], bool]) -> None:
        """Where a strand may be made to wait; the test's own thread passes."""
        if self.current is None:
            return
        if self._crashed:
            raise Crashed
        self.current.stop_here(ready)
        if self._crashed:
            raise Crashed

    def crash(self) -> None:
        """End all strands where they stand."""
        self._crashed = True
        while self.strands:
            self.strands[-1].go_on()
        self.alarms.clear()


class HandQueue:
    """Satisfies `threads.Queue`."""

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor
        self._items: deque[Any] = deque()

    def put(self, item: Any) -> None:
        self._items.append(item)

    def get(self) -> Any:
        self._conductor.stop_here(lambda: bool(self._items))
        return self._items.popleft()

    def get_nowait(self) -> Any:
        if not self._items:
            raise Empty
        return self._items.popleft()


class HandAlarm:
    """Goes off when the test says so; satisfies `threads.Alarm`."""

    def __init__(self, conductor: Conductor, seconds: float, call: Callable[[], None]) -> None:
        self._conductor, self.seconds, self._call = conductor, seconds, call

    def start(self) -> None:
        self._conductor.alarms.append(self)

    def cancel(self) -> None:
        if self in self._conductor.alarms:
            self._conductor.alarms.remove(self)

    def go_off(self) -> None:
        self.cancel()
        self._call()


class SteppedDatabase(Database):
    """Strands stop before each transaction, and a wait lasts as long as nothing changes."""

    conductor: Conductor
    full: Callable[[], bool] = staticmethod(lambda: False)
    """Whether the disk is full, for strands."""

    @classmethod
    def open_for(cls, conductor: Conductor, path: Path) -> Self:
        opened = cls.open(path)
        assert isinstance(opened, cls)
        opened.conductor = conductor
        return opened

    @property
    def changes(self) -> int:
        """How often rows were changed."""
        return self._waiters.generation

    @contextmanager
    def write(self) -> Iterator[Tx]:
        self._stop_before()
        if self.conductor.current is not None and self.full():
            raise NoSpace("no space left for the metadata")
        with super().write() as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Tx]:
        self._stop_before()
        with super().read() as tx:
            yield tx

    def wait(self, predicate: Callable[[Tx], T | None], cancel: Cancel) -> T:
        while True:
            seen = self._waiters.generation
            self._check_open(cancel)
            with self.read() as tx:
                result = predicate(tx)
            if result is not None:
                return result
            assert self.conductor.current is not None, "a test that waits would wait for itself"
            self.conductor.stop_here(partial(self._is_news, seen, cancel))

    def _is_news(self, seen: int, cancel: Cancel) -> bool:
        return self._waiters.generation != seen or cancel.cancelled

    def _stop_before(self) -> None:
        if self._current("write") is None and self._current("read") is None:
            self.conductor.stop_here(_always)


def _always() -> bool:
    return True
