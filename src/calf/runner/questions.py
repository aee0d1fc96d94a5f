"""What a batching stage asks over the worker API, until the worker answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from calf.kit.errors import Cancelled, WrongState
from calf.model.ports import Cancel
from calf.runner.output import Wake

NextDatum = Callable[[str | None, Cancel], tuple[str, ...]]


@dataclass(slots=True, eq=False)
class _Question:
    """One that waits: for its answer, or until whoever asked has gone."""

    env: tuple[str, ...] | None = None
    gone: bool = False


class Questions:
    """The conversation with one process: it asks in threads of the worker API, the worker answers."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._question: _Question | None = None
        self._error = ""
        self._closed = False
        self.bell = Wake()
        """Rings when something happened."""

    def ask(self, error: str | None, cancel: Cancel) -> tuple[str, ...]:
        """End the current datum and wait for the next; called for the process, which has gone when `cancel`
        says so. Raises `Cancelled` then, and at the end.
        """
        question = _Question()
        forget = cancel.on_cancel(lambda: self._withdraw(question))
        try:
            with self._lock:
                if question.gone:
                    raise Cancelled("who asked has gone")
                if self._question is not None:
                    raise WrongState("the next datum was asked for already", "ask for one datum at a time")
                self._question, self._error = question, error or ""
                self.bell.ring()
                self._lock.wait_for(lambda: question.env is not None or question.gone or self._closed)
                if question.env is None:
                    raise Cancelled("there are no more datums")
                return question.env
        finally:
            forget()

    def asking(self) -> bool:
        """Whether the process waits for an answer."""
        with self._lock:
            return self._question is not None

    @property
    def error(self) -> str:
        """What the process said was wrong with the datum that its question ended."""
        with self._lock:
            return self._error

    def answer(self, env: tuple[str, ...]) -> bool:
        """Answer the question; False when it is not asked any more."""
        with self._lock:
            question, self._question = self._question, None
            if question is not None:
                question.env = env
                self._lock.notify_all()
            return question is not None

    def _withdraw(self, question: _Question) -> None:
        with self._lock:
            question.gone = True
            if self._question is question:
                self._question = None
            self._lock.notify_all()

    def close(self) -> None:
        """End all waiting questions, without an answer."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
        self.bell.close()
