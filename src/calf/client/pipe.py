"""A short queue between who makes messages and gRPC's thread that sends them.

The maker stays in its own thread, so its exceptions and a Ctrl-C arrive where they belong, and it is held
back when the server is slower.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from threading import Condition
from typing import Any

_DEPTH = 4


class Pipe:
    """One maker calls `put` and `finish`, one sender iterates; either side may `close` it."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._finished = False
        self._closed = False
        self._changed = Condition()

    def put(self, item: Any) -> bool:
        """Hand over an item, waiting for room; False when the sender is gone and more is useless."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._items) < _DEPTH)
            if not self._closed:
                self._items.append(item)
                self._changed.notify_all()
            return not self._closed

    def finish(self) -> None:
        """No more items: the iteration ends after those that are in it."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def close(self) -> None:
        """Drop everything: `put` returns False, the iteration ends."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Any]:
        """The items, in order, until finished or closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._finished or self._items)
                if self._closed or not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item
