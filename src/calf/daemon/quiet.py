"""Giving space back by itself, now and then, if the owner asks for it."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable

from calf.kit.cancel import CancelToken
from calf.kit.errors import CalfError
from calf.model.ports import LogStore
from calf.pfs.engine import Pfs
from calf.pps.collecting import collect

_LOOK_AGAIN = 60.0


class QuietCollector:
    """Collects garbage every so many seconds, best while nobody writes, reads or runs a job.

    It looks for such a moment every minute, for about as long again; then it goes ahead, there being none.
    """

    def __init__(
        self, pfs: Pfs, logs: LogStore, every: float, report: Callable[[str, BaseException], None]
    ) -> None:
        self._pfs, self._logs, self._every, self._report = pfs, logs, every, report
        self._cancel, self._wake = CancelToken(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="collect", daemon=True)

    def start(self) -> None:
        """Begin; the first time is so many seconds from now."""
        self._thread.start()

    def stop(self) -> None:
        """End, soon, and wait for it; what was not done is for the next time."""
        self._cancel.cancel()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._wake.wait(self._every):
            for _ in range(math.ceil(self._every / _LOOK_AGAIN)):
                if not self._pfs.store.is_relied_upon:
                    break
                if self._wake.wait(min(_LOOK_AGAIN, self._every)):
                    return
            try:
                deque(collect(self._pfs, self._logs, self._cancel), maxlen=0)
            except CalfError as error:
                self._report("collecting garbage", error)
