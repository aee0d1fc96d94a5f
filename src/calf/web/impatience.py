"""HTTP for those who are in no position to keep us waiting: a request's head comes soon, or not at all."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 10.0
"""Seconds from the first byte of a connection or a request to the end of the request's head."""


class Impatient(H11Protocol):
    """Ends connections over which a head is not sent in time."""

    _hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as theirs
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self._hurry = self.loop.call_later(PATIENCE, transport.abort)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Go on with what came meanwhile."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._calm()
        super().connection_lost(exc)

    def _look(self) -> None:
        if self.conn.their_state is not h11.IDLE or not self.conn.trailing_data[0]:
            self._calm()
        elif self._hurry is None and not self.transport.is_closing():
            self._hurry = self.loop.call_later(PATIENCE, self.transport.abort)

    def _calm(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None
