"""Taking a client's messages off the wire before the handler asks for them, and many at a time.

gRPC's own iterator asks for a message when it is asked for one, and wakes the asking thread for each. So a
message of 20 MiB only begins to travel when the one before has been dealt with, and small ones cost two
changes of thread each. Here gRPC's thread asks for the next message itself while it holds little, and the
handler is woken for what has gathered.

This stands on the insides of grpcio (`grpc._server`), whose version requirements/ pins; tests/rpc compares it
with the iterator that it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grpc._cython import cygrpc
from grpc._server import (
    _CANCELLED,
    _CLOSED,
    _EMPTY_FLAGS,
    _OPEN,
    _RECEIVE_MESSAGE_TOKEN,
    _is_rpc_state_active,
    _possibly_finish_call,
    _raise_rpc_error,
    _serialized_request,
)

_ENOUGH_BYTES = 4 << 20
_ENOUGH_MESSAGES = 512
_WORTH_WAKING = 64
_PATIENCE = 0.003
"""Seconds in which messages gather, once the stream runs."""


def read_ahead(stream: Any) -> Iterator[bytes]:
    """The messages of a stream, which is gRPC's iterator over the requests of a call; raises as that does."""
    pump = _Pump(stream)
    while messages := pump.take():
        yield from messages


class _Pump:
    def __init__(self, stream: Any) -> None:
        self._state = stream._state  # noqa: SLF001 - gRPC offers no other way to what is under an iterator
        self._call = stream._call  # noqa: SLF001 - as above
        self._ready: list[bytes] = []
        self._size = 0
        self._runs = False
        self._under_way = False
        self._ended = False

    def take(self) -> list[bytes]:
        """What has come since the last time, at least one message; nothing at the end of the stream."""
        state = self._state
        with state.condition:
            self._ask()
            while not (self._ready or self._ended):
                self._check()
                if not self._ended:
                    state.condition.wait()
            if self._runs and not (self._ended or self._is_worth_waking()):
                state.condition.wait(_PATIENCE)
            self._check()
            self._runs = True
            taken, self._ready, self._size = self._ready, [], 0
            self._ask()
        return taken

    def _check(self) -> None:
        """Raises what gRPC's iterator raises when the client is gone."""
        if self._state.client is _CANCELLED:
            _raise_rpc_error(self._state)
        if not _is_rpc_state_active(self._state):
            self._ended = True

    def _ask(self) -> None:
        """Have the next message come, unless one is coming, there are plenty, or there is none."""
        state = self._state
        plenty = self._size >= _ENOUGH_BYTES or len(self._ready) >= _ENOUGH_MESSAGES
        if plenty or self._under_way or self._ended or state.client is not _OPEN:
            return
        if _is_rpc_state_active(state):
            operation = cygrpc.ReceiveMessageOperation(_EMPTY_FLAGS)
            self._call.start_server_batch((operation,), self._received)
            state.due.add(_RECEIVE_MESSAGE_TOKEN)
            self._under_way = True

    def _received(self, event: Any) -> Any:
        """In gRPC's thread: a message has come, or the end."""
        message = _serialized_request(event)
        state = self._state
        with state.condition:
            self._under_way = False
            if message is None:
                self._ended = True
                if state.client is _OPEN:
                    state.client = _CLOSED
            else:
                self._ready.append(message)
                self._size += len(message)
            if self._ended or len(self._ready) == 1 or self._is_worth_waking():
                state.condition.notify_all()
            finished = _possibly_finish_call(state, _RECEIVE_MESSAGE_TOKEN)
            self._ask()
            return finished

    def _is_worth_waking(self) -> bool:
        return self._size >= _ENOUGH_BYTES or len(self._ready) >= _WORTH_WAKING
