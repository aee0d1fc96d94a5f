"""What is due at a time of day: done when the time comes, by the scheduler's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from calf.db.tx import Tx
from calf.model.errors import CalfError
from calf.model.ports import Due
from calf.pfs.engine import Pfs

Clock = Callable[[Tx], Iterable[Due]]
"""Says, from the rows alone, what it will want done next."""
_AT_ONCE = 20
"""What is done before others have their turn: after a day without a server there may be much to do."""
LONGEST = 60.0
"""Seconds after which the clock on the wall is looked at again: it may have been put forward."""


class Timer:
    """Does what clocks ask for. One that fails is reported, and tried again after `retry_after` seconds."""

    def __init__(
        self,
        pfs: Pfs,
        clocks: Iterable[Clock],
        report: Callable[[str, BaseException], None],
        retry_after: float,
    ) -> None:
        self._pfs = pfs
        self._clocks = tuple(clocks)
        self._report = report
        self._retry_after = retry_after
        self._failed: dict[str, float] = {}  # when to try again, by what it is

    def run(self) -> float | None:
        """Do what is due, the oldest first, but one thing of each before the next of any, and not more than a
        little; gives in how many seconds to come again, None for no need.
        """
        done = 0
        while done < _AT_ONCE:
            pending, now = self._pending(), self._pfs.clock()
            due = [it for it in pending if it.at <= now]
            if not due:
                return _until(pending, now)
            for it in due:
                self._do(it, now)
            done += len(due)
        return 0.0

    def soon(self) -> float | None:
        """In how many seconds something is due, 0.0 for now, None for nothing."""
        return _until(self._pending(), self._pfs.clock())

    def _pending(self) -> list[Due]:
        with self._pfs.read() as tx:
            every = [it for clock in self._clocks for it in clock(tx)]
        later = [Due(max(it.at, self._failed.get(it.what, it.at)), it.what, it.act) for it in every]
        return sorted(later, key=lambda it: it.at)

    def _do(self, it: Due, now: float) -> None:
        try:
            it.act()
            self._failed.pop(it.what, None)
        except CalfError as error:
            if all(other.what != it.what for other in self._pending()):
                return  # its pipeline or branch was deleted meanwhile
            self._report(it.what, error)
            self._failed[it.what] = now + self._retry_after


def _until(pending: list[Due], now: float) -> float | None:
    return min(max(pending[0].at - now, 0.0), LONGEST) if pending else None
