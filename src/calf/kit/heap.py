"""Memory that is free: kept for a while, since more of its kind follows, and then given back.

Memory that is new costs more than what is done with it: the kernel finds and clears it page by page. Left to
itself glibc gives a piece of some megabytes back as soon as it is free, or keeps it for good, by where it
happens to lie; and each thread has a heap of its own, in which lies what others cannot use. With another
library than glibc nothing of this happens.
"""

from __future__ import annotations

import ctypes
import os
import time

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGEST = 32 << 20
"""Bytes of a piece above which each has memory of its own; glibc allows no more."""
_KEPT = 1 << 30
_WORTH = 64 << 20
_PATIENCE, _IDLE = 30, 10
"""Looks after which memory is given back; one counts for so many when nothing goes on."""
_LITTLE = 0.1
"""Seconds of CPU between two looks that are nothing."""


def keep_free_memory() -> None:
    """Have what is freed be used again by any thread; call it before there are any. `Slack` gives it back."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for what, value in (
            (_M_ARENA_MAX, 1),
            (_M_MMAP_THRESHOLD, _LARGEST),
            (_M_TRIM_THRESHOLD, _KEPT),
        ):
            mallopt(what, value)


class Slack:
    """Gives memory back that was taken and may not be needed any more; look at it every few seconds."""

    def __init__(self) -> None:
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        self._pages = os.open("/proc/self/statm", os.O_RDONLY)  # once, since later there may be no descriptor
        self._least = self.resident()
        self._patience = _PATIENCE
        self._used = time.process_time()

    def look(self) -> None:
        """Give back if there is much more than at the least, soon when nothing goes on, else a little later.

        What is needed stays, and is the least from now on.
        """
        now, used = self.resident(), time.process_time()
        is_idle, self._used = used - self._used < _LITTLE, used
        self._least = min(self._least, now)
        if now - self._least <= _WORTH:
            self._patience = _PATIENCE
            return
        self._patience -= _IDLE if is_idle else 1
        if self._patience <= 0 and self._trim is not None:
            self._trim(0)
            self._least, self._patience = self.resident(), _PATIENCE

    def resident(self) -> int:
        """Bytes of memory that this process has."""
        return int(os.pread(self._pages, 99, 0).split()[1]) * os.sysconf("SC_PAGE_SIZE")
