"""Threads, what they hand each other, and alarms: injected, so that tests decide who goes on and when."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Protocol


class Thread(Protocol):
    """What may go on beside others, once started."""

    def start(self) -> None:
        """Begin, once."""

    def join(self) -> None:
        """Wait until it has left."""

    def is_alive(self) -> bool:
        """Whether it was started and has not left."""


class Queue(Protocol):
    """What threads hand over, first in, first out."""

    def put(self, item: Any) -> None:
        """Add one; never waits."""

    def get(self) -> Any:
        """Take one, waiting for it."""

    def get_nowait(self) -> Any:
        """Take one. Raises `queue.Empty`."""


class Alarm(Protocol):
    """A call that is made later, unless cancelled before."""

    def start(self) -> None:
        """Begin to count, once."""

    def cancel(self) -> None:
        """Make no call; nothing happens when it was made."""


def _thread(act: Callable[[], None], name: str) -> Thread:
    return threading.Thread(target=act, name=name)


@dataclass(frozen=True, slots=True)
class Threads:
    """Makes threads (of what they do and a name), queues, and alarms (of seconds and what they call)."""

    thread: Callable[[Callable[[], None], str], Thread] = _thread
    queue: Callable[[], Queue] = SimpleQueue
    alarm: Callable[[float, Callable[[], None]], Alarm] = threading.Timer
