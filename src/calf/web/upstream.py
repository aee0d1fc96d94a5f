"""The server that the dashboard shows: one connection for each token that somebody came with."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from calf.client.connection import Client, connect
from calf.client.terms import Terms
from calf.wire.limits import AUTHENTICATION_KEY

AGENT = "calf-dashboard"
_MOST = 32


@dataclass(slots=True)
class Upstream:
    """Where the server is and how it is trusted; `certificates` (PEM) as in `Terms`. Thread-safe.

    `timeout`, in seconds, is for a call that has to answer before a page can be shown.
    """

    address: str
    certificates: bytes | None = None
    timeout: float = 30.0
    _clients: OrderedDict[str, Client] = field(default_factory=OrderedDict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def client(self, token: str = "") -> Client:
        """The connection of whoever has this token; the same one the next time."""
        with self._lock:
            client = self._clients.pop(token, None) or self._connect(token, self.timeout)
            self._clients[token] = client
            if len(self._clients) > _MOST:
                self._clients.popitem(last=False)  # ends with the last call that still uses it
        return client

    def patient(self, token: str = "") -> Client:
        """A connection for calls that last as long as somebody listens; whoever asked for it closes it."""
        return self._connect(token, None)

    def close(self) -> None:
        """End all connections."""
        with self._lock:
            clients = list(self._clients.values())
            self._clients.clear()
        for client in clients:
            client.close()

    def _connect(self, token: str, timeout: float | None) -> Client:
        metadata = ((AUTHENTICATION_KEY, token),) if token else ()
        return connect(self.address, Terms(AGENT, metadata, timeout, self.certificates))
