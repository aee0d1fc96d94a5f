"""What keeps objects from being swept while an operation that needs them is under way.

An operation that writes holds on to two things from before it reads anything until the transaction that makes
its result visible is over: every root that it builds upon, and every id for which it relies on the store
having the object. One that only reads holds the roots of what it reads. Holds live in memory: an operation
does not outlive its process.

The order is what makes it exact. An id is noted *before* the index is asked for it, and the sweep removes
an object from the index, under the index's lock, only if no hold has noted it: so either the sweep sees the
note, or the operation sees that the object is not there, and writes it again. A root is noted within
`looking`, and the sweep waits until those who were looking when it took its snapshot have noted what they
found. docs/design/storage.md has the argument in full.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

Root = bytes | None
Note = Callable[[Root], None]


class Hold:
    """What one operation keeps; for any of its threads. Implements `ports.Held`; use it in a `with`."""

    __slots__ = ("_holds", "ids", "roots")

    def __init__(self, holds: Holds) -> None:
        self._holds = holds
        self.ids: set[bytes] = set()
        """Objects that the operation relies on: add to it *before* asking whether the store has them."""
        self.roots: set[bytes] = set()

    @contextmanager
    def looking(self) -> Iterator[Note]:
        """A moment in which roots are read from the metadata; give each to what this yields, before its end.

        Danger: a sweep waits for the end, so nothing in it may wait for anything but the disk.
        """
        with self._holds.looking():
            yield self._keep

    def _keep(self, root: Root) -> None:
        if root is not None:
            self._holds.keep(self, root)

    def release(self) -> None:
        """Hold nothing any more: the result is visible, or there is none. A second time it does nothing."""
        self._holds.close(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Holds:
    """All holds of one store, and, while a sweep is under way, those that ended since it began."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: set[Hold] = set()
        self._ended: set[Hold] | None = None
        self._looks: set[object] = set()

    def open(self) -> Hold:
        """A new hold, in force at once."""
        hold = Hold(self)
        with self._changed:
            self._open.add(hold)
        return hold

    def close(self, hold: Hold) -> None:
        """The end of a hold; a sweep that began before goes on to heed it."""
        with self._changed:
            if hold in self._open and self._ended is not None:
                self._ended.add(hold)
            self._open.discard(hold)

    def any(self) -> bool:
        """Whether there is one."""
        return bool(self._open)

    def keep(self, hold: Hold, root: bytes) -> None:
        """See `Hold.looking`."""
        with self._changed:
            hold.roots.add(root)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """See `Hold.looking`."""
        look = object()
        with self._changed:
            self._looks.add(look)
        try:
            yield
        finally:
            with self._changed:
                self._looks.discard(look)
                self._changed.notify_all()

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """From before a sweep takes its snapshot to its end: no hold is forgotten. One sweep at a time."""
        with self._changed:
            self._ended = set()
        try:
            yield
        finally:
            with self._changed:
                self._ended = None

    def settle(self) -> set[bytes]:
        """After the snapshot: wait for those who are looking now; the roots that are held then."""
        with self._changed:
            before = set(self._looks)
        self._wait_for(before)
        with self._changed:
            return {root for hold in self._all() for root in hold.roots}

    def _wait_for(self, looks: set[object]) -> None:
        with self._changed:
            while looks & self._looks:
                self._changed.wait()

    def unheld(self, ids: Sequence[bytes]) -> list[bytes]:
        """Those that nobody holds. Ask under the index's lock, and remove them before letting go of it."""
        with self._changed:
            held = [hold.ids for hold in self._all() if hold.ids]
        return [oid for oid in ids if not any(oid in each for each in held)]

    def _all(self) -> set[Hold]:
        return self._open | (self._ended or set())
