"""Work on bytes in a thread of its own while the next bytes are made: there are two cores to use."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Behind(Generic[T, R]):
    """Does its work on bytes in order, while the one thread that brings them goes on.

    At most `most` of what was brought waits while something else is worked on. What the work raises is
    raised by a later call. The thread starts with the first bytes, and `stop` ends it.
    """

    def __init__(self, work: Callable[[T], R], most: int) -> None:
        self._work = work
        self._most = most
        self._thread: ThreadPoolExecutor | None = None
        self._under_way: deque[Future[R]] = deque()

    def bring(self, data: T) -> Future[R]:
        """Have the work done on this, which stays as it is; gives what will come of it."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "behind")
        future = self._thread.submit(self._work, data)
        self._under_way.append(future)
        if len(self._under_way) > self._most:
            self._under_way.popleft().result()
        return future

    def settle(self) -> None:
        """Wait until all is done."""
        while self._under_way:
            self._under_way.popleft().result()

    def stop(self) -> None:
        """End the thread; what was not begun is not done."""
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=True)
            self._thread = None
            self._under_way.clear()
