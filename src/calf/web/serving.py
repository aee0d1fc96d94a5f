"""Serving the dashboard on a socket that somebody has bound, until it is told to stop or nobody comes."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from calf.web.app import make_app
from calf.web.files.pictures import expect_oddities
from calf.web.impatience import Impatient
from calf.web.keeper import OPEN, Keeper
from calf.web.live.hub import Hub
from calf.web.taken_in import Code
from calf.web.upstream import Upstream

MOST = 300
"""Connections at once; one more is told to come later."""
LONGEST_HEAD = 32_768
"""Bytes of a request's first line and headers."""
_LOOKS_EVERY = 20
"""Tenths of a second."""
_LEAVE = 0.5
"""Seconds that requests have to end when the dashboard does."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is served to whom: `hosts` are the names that lead here, `keeper` decides who may come in.

    With `certificate` and `key` (PEM files) it speaks TLS. After `idle` seconds in which nobody came it ends
    (0: never).
    """

    upstream: Upstream
    hosts: tuple[str, ...]
    keeper: Keeper = field(default=OPEN)
    certificate: Path | None = None
    key: Path | None = None
    idle: float = 0.0
    free: tuple[str, ...] = ()
    """Paths that nobody needs a token for."""
    code: Code | None = None
    """Where there is one, it ends when its code is changed: whoever started it starts what is there then."""


def serve(offer: Offer, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, until idle or outdated; others may listen on the `listener` too."""
    expect_oddities()
    app = make_app(offer.upstream, offer.hosts, offer.keeper, offer.free)
    attended = Attended(app, lambda: app.state.replays.are_running)
    Server(attended, offer, app.state.hub).run(sockets=[listener])


class Attended:
    """ASGI middleware that knows since when nobody has been here; while it `works` for somebody, he is."""

    def __init__(self, app: ASGIApp, works: Callable[[], bool] = lambda: False) -> None:
        self._app = app
        self._works = works
        self._here = 0
        self._left = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count whoever is here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._here += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._here -= 1
            self._left = time.monotonic()

    @property
    def idle(self) -> float:
        """Seconds in which nobody has been here."""
        if self._here or self._works():
            self._left = time.monotonic()
        return time.monotonic() - self._left


class Server(uvicorn.Server):
    """HTTP as we want it: no name of ours, no belief in what a proxy says, no wait for open streams."""

    def __init__(self, app: Attended, offer: Offer, hub: Hub) -> None:
        self._attended, self._limit, self._hub, self._code = app, offer.idle, hub, offer.code
        super().__init__(
            uvicorn.Config(
                app,
                http=Impatient,
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MOST,
                h11_max_incomplete_event_size=LONGEST_HEAD,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=_LEAVE,  # type: ignore[arg-type]  # what waits takes fractions
                ssl_certfile=offer.certificate,
                ssl_keyfile=offer.key,
            )
        )

    async def on_tick(self, counter: int) -> bool:
        """Whether to end; asked ten times a second."""
        ended = await super().on_tick(counter)
        if self._code is not None and counter % _LOOKS_EVERY == _LOOKS_EVERY - 1:
            ended = ended or not self._code.is_current()
        return ended or bool(self._limit and self._attended.idle > self._limit)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; who listens to events is let go first."""
        self._hub.close()
        await super().shutdown(sockets)
