"""A dashboard that really listens, for what a test client does not show: streams, sockets, its end."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from calf.web.app import make_app
from calf.web.serving import Attended, Offer, Server
from calf.web.upstream import Upstream

LIMIT = 20.0
"""Seconds for anything to happen."""


@dataclass(frozen=True)
class Listening:
    """It listens on this port of the loopback; `thread` is that in which it does."""

    port: int
    server: Server
    thread: threading.Thread
    attended: Attended
    visits: list[http.client.HTTPConnection]

    def ask(self, path: str, **headers: str) -> http.client.HTTPResponse:
        """A GET, on a connection of its own, which `leave` ends."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        self.visits.append(connection)
        connection.request("GET", path, headers=headers)
        return connection.getresponse()

    def leave(self) -> None:
        """Go away, from wherever one is."""
        while self.visits:
            connection = self.visits.pop()
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)
            connection.close()

    def end(self) -> None:
        """Tell it to stop."""
        self.server.should_exit = True


@contextmanager
def listening(server_address: str, offer: Offer | None = None) -> Iterator[Listening]:
    """A dashboard of a server, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        asked = offer or Offer(Upstream(server_address), ())
        asked = replace(asked, hosts=("127.0.0.1",))
        app = make_app(asked.upstream, asked.hosts, asked.keeper)
        attended = Attended(app)
        server = Server(attended, asked, app.state.hub)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        made = Listening(port, server, thread, attended, [])
        try:
            yield made
        finally:
            made.leave()
            server.should_exit = True
            thread.join(LIMIT)
        assert not thread.is_alive()


def events(response: http.client.HTTPResponse) -> Iterator[tuple[str, str]]:
    """The events of a stream: their names and data. A sign of life is none, and does not go on for ever."""
    name, deadline = "", time.monotonic() + LIMIT
    while line := response.readline():
        assert time.monotonic() < deadline
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, value
            deadline = time.monotonic() + LIMIT
