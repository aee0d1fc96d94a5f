"""Those who wait for a change of the rows. One thread looks for all of them and wakes whom it concerns.

If each looked for himself, a write would wake all at once, and most of them for nothing: each with a change
of thread and a connection of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from contextlib import AbstractContextManager
from typing import Any

from calf.db.tx import Tx
from calf.model.errors import CalfError

Question = Callable[[Tx], Any]
"""Gives None as long as there is nothing to wake for. Quick: the others who wait are asked after it."""


class Waiter:
    """One who waits: `answer` is what his question gave, None when he has to ask himself.

    Those whose questions are the `same` (equal, not None) are answered together.
    """

    __slots__ = ("_bell", "_question", "answer", "same")

    def __init__(self, question: Question, same: Hashable = None) -> None:
        self._question = question
        self._bell = threading.Event()
        self.same = same
        self.answer: Any = None

    def ring(self) -> None:
        """Wake him, for whatever reason."""
        self._bell.set()

    def begin(self) -> None:
        """From here on he is woken by what rings."""
        self._bell.clear()

    def sleep(self) -> None:
        """Until it rings."""
        self._bell.wait()

    def ask(self, tx: Tx) -> bool:
        """Whether there is something to wake for; an error is for him to meet himself."""
        try:
            self.answer = self._question(tx)
        except CalfError:
            return True
        return self.answer is not None


class Waiters:
    """All who wait; `read` gives the newest snapshot. The thread begins with the first who really waits."""

    def __init__(self, read: Callable[[], AbstractContextManager[Tx]]) -> None:
        self._read = read
        self._changed = threading.Condition()
        self._generation = 0
        self._waiting: set[Waiter] = set()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def generation(self) -> int:
        """How many changes there were; to be asked before looking."""
        return self._generation

    def change(self) -> None:
        """Rows have changed."""
        with self._changed:
            self._generation += 1
            if self._waiting:
                self._changed.notify_all()

    def wait(self, waiter: Waiter, seen: int) -> None:
        """Sleep until there may be something, unless there was a change since generation `seen`."""
        with self._changed:
            if self._closed or self._generation != seen:
                return
            if self._thread is None:
                thread = threading.Thread(target=self._run, args=(seen,), name="looking", daemon=True)
                thread.start()  # it looks once the lock is free; where no thread can be had, nothing is left
                self._thread = thread
            self._waiting.add(waiter)
        waiter.sleep()
        with self._changed:
            self._waiting.discard(waiter)

    def close(self) -> None:
        """Wake all, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self, looked: int) -> None:
        """Look after each change since generation `looked`; many that come meanwhile are one."""
        try:
            while True:
                with self._changed:
                    while not self._closed and (looked == self._generation or not self._waiting):
                        self._changed.wait()
                    if self._closed:
                        return
                    looked, waiting = self._generation, list(self._waiting)
                self._look(waiting)
        finally:  # an error of a question of ours too: all ask for themselves, and who asks it meets it
            with self._changed:
                self._thread = None
                for waiter in self._waiting:
                    waiter.ring()

    def _look(self, waiting: list[Waiter]) -> None:
        try:
            with self._read() as tx:
                for alike in _by_question(waiting):
                    if alike[0].ask(tx):
                        for waiter in alike:
                            waiter.answer = alike[0].answer
                            waiter.ring()
        except CalfError:  # there is nothing to be read: whoever asks is told why
            for waiter in waiting:
                waiter.ring()


def _by_question(waiting: list[Waiter]) -> Iterable[list[Waiter]]:
    found: dict[Hashable, list[Waiter]] = {}
    for waiter in waiting:
        found.setdefault(waiter if waiter.same is None else waiter.same, []).append(waiter)
    return found.values()
