"""How often each method was called, how long that took, and how it failed."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from calf.model.errors import CalfError, Category
from calf.rpc.call import Call, Handler, Handlers
from calf.wire.methods import find_method

BOUNDS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
"""Seconds; calls are counted by the first bound that they do not exceed."""


class Timing:
    """The calls of one method: how many by bound (the last: longer than all), and seconds in all."""

    __slots__ = ("failed", "numbers", "seconds")

    def __init__(self) -> None:
        self.numbers = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0
        self.failed: dict[str, int] = {}


class Tally:
    """Counts the calls of all methods; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timings: dict[str, Timing] = {}

    def counted(self, handlers: Handlers) -> Handlers:
        """The same handlers, each call of which is counted when it ends."""
        return {path: self._counted(path, handler) for path, handler in handlers.items()}

    def read(self) -> Iterator[tuple[str, list[int], float, dict[str, int]]]:
        """Each method that was called: its path, then what `Timing` has, by category of failure."""
        with self._lock:
            found = [
                (path, list(it.numbers), it.seconds, dict(it.failed)) for path, it in self._timings.items()
            ]
        yield from sorted(found)

    def _counted(self, path: str, handler: Handler) -> Handler:
        def one(request: Any, call: Call) -> Any:
            begun = time.perf_counter()
            failed = Category.INTERNAL.value
            try:
                answer = handler(request, call)
                failed = ""
                return answer
            except CalfError as error:
                failed = error.category.value
                raise
            finally:
                self._note(path, time.perf_counter() - begun, failed)

        def many(request: Any, call: Call) -> Iterator[Any]:
            begun = time.perf_counter()
            failed = Category.INTERNAL.value
            try:
                yield from handler(request, call)
                failed = ""
            except GeneratorExit:
                failed = Category.CANCELLED.value
                raise
            except CalfError as error:
                failed = error.category.value
                raise
            finally:
                self._note(path, time.perf_counter() - begun, failed)

        return many if find_method(path).server_streaming else one

    def _note(self, path: str, seconds: float, failed: str) -> None:
        with self._lock:
            timing = self._timings.setdefault(path, Timing())
            timing.numbers[bisect_left(BOUNDS, seconds)] += 1
            timing.seconds += seconds
            if failed and failed != Category.CANCELLED.value:
                timing.failed[failed] = timing.failed.get(failed, 0) + 1
