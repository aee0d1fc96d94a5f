"""Work on bytes in a thread of its own while the next bytes are made: there are two cores to use."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

Blob = bytes | memoryview
_LARGE = 64 << 10


class Behind:
    """Does its work on blobs in order, while the one thread that brings them goes on.

    At most `most` of what was brought waits while something else is worked on. What the work raises is
    raised by a later call. The thread starts with the first blobs, and `stop` ends it.
    """

    def __init__(self, work: Callable[[Sequence[Blob]], object], most: int) -> None:
        self._work = work
        self._most = most
        self._thread: ThreadPoolExecutor | None = None
        self._under_way: deque[Future[object]] = deque()

    def bring(self, blobs: Sequence[Blob]) -> None:
        """Have the work done on these; who brought them leaves them as they are."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "behind")
        self._under_way.append(self._thread.submit(self._work, blobs))
        if len(self._under_way) > self._most:
            self._under_way.popleft().result()

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


def write_joined(write: Callable[[Blob], None], blobs: Sequence[Blob]) -> None:
    """Write blobs, small neighbours in one go."""
    small: list[Blob] = []
    for blob in blobs:
        if len(blob) < _LARGE:
            small.append(blob)
            continue
        if small:
            write(b"".join(small))
            small = []
        write(blob)
    if small:
        write(b"".join(small))
