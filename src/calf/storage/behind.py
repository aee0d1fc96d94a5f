"""Writing to a file in a thread of its own while the next bytes are hashed: there are two cores to use."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

Blob = bytes | memoryview
_LARGE = 64 << 10
_AT_MOST = 4


class WriteBehind:
    """Does writes in order, while the one thread that asks for them goes on; at most a few are on their way.

    What a write raises is raised by a later call. The thread starts with the first write, and `stop` ends it.
    """

    def __init__(self, write: Callable[[Blob], None]) -> None:
        self._write = write
        self._thread: ThreadPoolExecutor | None = None
        self._under_way: deque[Future[None]] = deque()

    def write(self, blobs: Sequence[Blob]) -> None:
        """Have these written, one after another; who gave them leaves them as they are."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "pack")
        self._under_way.append(self._thread.submit(write_joined, self._write, blobs))
        if len(self._under_way) > _AT_MOST:
            self._under_way.popleft().result()

    def settle(self) -> None:
        """Wait until all is written."""
        while self._under_way:
            self._under_way.popleft().result()

    def stop(self) -> None:
        """End the thread; what was not begun is not written."""
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
