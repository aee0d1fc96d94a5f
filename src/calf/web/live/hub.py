"""Those who listen for changes: one thread asks the server for all of them who came with the same token."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from calf.model.errors import CalfError
from calf.web.live.watching import ANYTHING, Changes, watch
from calf.web.upstream import Upstream

_LOG = logging.getLogger(__name__)
MOST = 200
"""Listeners at once."""
LINGER = 20.0
"""Seconds that the asking goes on without listeners: who leaves a page opens the next one."""
MOMENT = 3.0
"""Seconds from when a page is made to when it listens, at most."""
_RECENT = 100
_AGAIN = 1.0
"""Seconds until a server that went away is asked again."""


class Listener:
    """Somebody who looks at some projects (an empty name: at all of them); of the event loop's thread."""

    def __init__(self, projects: Collection[str]) -> None:
        self.projects = frozenset(projects)
        self._news: dict[str, set[str]] = {}
        self._bell = asyncio.Event()

    def tell(self, changes: Changes) -> None:
        """Note what concerns him, under each name that it concerns."""
        for project, kinds in changes.items():
            for name in self.projects if not project else self.projects & {project, ""}:
                self._news.setdefault(name, set()).update(kinds)
        if self._news:
            self._bell.set()

    def ring(self) -> None:
        """Wake him, though there is nothing."""
        self._bell.set()

    async def news(self, seconds: float) -> dict[str, list[str]]:
        """The kinds of what changed since he last asked by project, waited for; empty when nothing did."""
        try:
            await asyncio.wait_for(self._bell.wait(), seconds)
        except TimeoutError:
            return {}
        self._bell.clear()
        news, self._news = self._news, {}
        return {project: sorted(kinds) for project, kinds in sorted(news.items())}


class Hub:
    """All listeners; of the event loop's thread."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._watches: dict[str, _Watch] = {}
        self.closed = False

    @property
    def is_full(self) -> bool:
        """Whether nobody more may listen."""
        return sum(len(each.listeners) for each in self._watches.values()) >= MOST

    @contextmanager
    def listening(self, token: str, projects: Collection[str]) -> Iterator[Listener]:
        """A listener, told of changes in the block, and of those of the last moments before it."""
        shared = self._watches.get(token)
        if shared is None:
            shared = self._watches[token] = _Watch(self._upstream, token)
        listener = Listener(projects)
        shared.add(listener)
        try:
            yield listener
        finally:
            shared.remove(listener)
            if not shared.listeners:
                asyncio.get_running_loop().call_later(LINGER, self._drop, token)

    def close(self) -> None:
        """Let all listeners go."""
        self.closed = True
        for token in list(self._watches):
            for listener in self._watches[token].listeners:
                listener.ring()
            self._watches.pop(token).end()

    def _drop(self, token: str) -> None:
        shared = self._watches.get(token)
        if shared is not None and not shared.listeners:
            del self._watches[token]
            shared.end()


class _Watch:
    """The thread that asks; what it finds out is of the event loop's thread."""

    def __init__(self, upstream: Upstream, token: str) -> None:
        self.listeners: set[Listener] = set()
        self._projects: set[str] = set()
        self._recent: deque[tuple[float, Changes]] = deque(maxlen=_RECENT)
        self._client = upstream.patient(token)
        self._ended = threading.Event()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def add(self, listener: Listener) -> None:
        """From now on tell him; what changed since his page was made may have been before now."""
        self.listeners.add(listener)
        self._count()
        now = self._loop.time()
        for at, changes in self._recent:
            if now - at < MOMENT:
                listener.tell(changes)

    def remove(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        self._count()

    def end(self) -> None:
        self._ended.set()
        self._client.close()

    def _count(self) -> None:
        self._projects = {name for listener in self.listeners for name in listener.projects}

    def _run(self) -> None:
        lost = True  # nobody knows what changed before this
        while not self._ended.is_set():
            try:
                for changes in watch(self._client, lambda: self._projects, self._ended):
                    self._tell(ANYTHING if lost else changes)
                    lost = False
            except CalfError as error:  # whoever asks for a page meets it, too
                _LOG.debug("asked in vain what changes: %s", error)
            if not lost:  # pages that stand open are to say it, until it is told again
                self._tell(ANYTHING)
                lost = True
            self._ended.wait(_AGAIN)
        self._client.close()

    def _tell(self, changes: Changes) -> None:
        if changes and not self._ended.is_set():
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._deliver, changes)

    def _deliver(self, changes: Changes) -> None:
        self._recent.append((self._loop.time(), changes))
        for listener in self.listeners:
            listener.tell(changes)
