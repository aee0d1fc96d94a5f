"""Whether a branch's head moved as if one thing happened after another."""

from __future__ import annotations

import threading
from collections.abc import Sequence


class History:
    """Who made a branch's head when, and who saw which one when; times are those of one clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writes: dict[str, tuple[float, float]] = {}
        self._reads: list[tuple[str, float, float]] = []

    def wrote(self, head: str, began: float, ended: float) -> None:
        """A call that made `head` ran from `began` to `ended`."""
        with self._lock:
            self._writes[head] = (began, ended)

    def read(self, head: str, began: float, ended: float) -> None:
        """A call that saw `head`."""
        with self._lock:
            self._reads.append((head, began, ended))

    def violations(self, order: Sequence[str]) -> list[str]:
        """What no single order of events explains; `order` are the branch's commits, oldest first.

        Each acknowledged head is in that order once, in an order that agrees with time; what is read is no
        older than what was known before the call began, and was not made after it ended.
        """
        place = {head: number for number, head in enumerate(order)}
        lost = [
            f"head {head} was acknowledged and is not there" for head in self._writes if head not in place
        ]
        calls = [(began, ended, head) for head, (began, ended) in self._writes.items() if head in place]
        seen = [(began, ended, head) for head, began, ended in self._reads if head in place]
        ends = sorted((ended, place[head]) for _, ended, head in [*calls, *seen])
        late, newest, next_end = list[str](), -1, 0
        for began, _, head in sorted([*calls, *seen]):
            while next_end < len(ends) and ends[next_end][0] < began:
                newest = max(newest, ends[next_end][1])
                next_end += 1
            if place[head] < newest:
                late.append(f"{head} was seen or made at {began} although {order[newest]} was known before")
        early = [
            f"{head} was seen before it was made"
            for _, ended, head in seen
            if head in self._writes and ended < self._writes[head][0]
        ]
        return [*lost, *late, *early]
