"""Telling work to stop: a token that is cancelled once, wakes who waits, and tells its children."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

from calf.kit.errors import Cancelled


class CancelToken:
    """Cancelled or not, once and for all; thread-safe. Satisfies `calf.model.ports.Cancel`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._callbacks: dict[object, Callable[[], None]] = {}
        self._children: weakref.WeakSet[CancelToken] = weakref.WeakSet()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked for."""
        return self._cancelled

    def check(self) -> None:
        """Raise `Cancelled` if it was asked for."""
        if self._cancelled:
            raise Cancelled("the request was cancelled")

    def cancel(self) -> None:
        """Ask for it; runs the callbacks in this thread, each once. A second call does nothing."""
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = True
            callbacks = list(self._callbacks.values())
            children = list(self._children)
            self._callbacks.clear()
        for callback in callbacks:
            callback()
        for child in children:
            child.cancel()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` run once when asked (at once, here, if it was already); returns what removes it.

        The callback must be quick and must not raise.
        """
        key = object()
        with self._lock:
            if not self._cancelled:
                self._callbacks[key] = callback
                return lambda: self._remove(key)
        callback()
        return lambda: None

    def child(self) -> CancelToken:
        """A token that is cancelled with this one, or alone; forgotten once nobody else holds it."""
        token = CancelToken()
        with self._lock:
            if not self._cancelled:
                self._children.add(token)
                return token
        token.cancel()
        return token

    def _remove(self, key: object) -> None:
        with self._lock:
            self._callbacks.pop(key, None)
