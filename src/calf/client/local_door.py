"""Calls to a server of the same user on the same machine, over a socket without gRPC (`calf.wire.frames`)."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from threading import Lock
from typing import Any, NoReturn
from weakref import WeakSet

from calf.client.errors import make_error
from calf.client.terms import LEASES, Terms
from calf.model.errors import CalfError, Category, TimedOut, Unreachable
from calf.wire.frames import (
    CALL,
    END,
    ERROR,
    MESSAGE,
    BrokenFrames,
    Frames,
    describe,
    is_same_user,
    read_description,
    socket_name,
)
from calf.wire.limits import TRANSACTION_KEY
from calf.wire.methods import Method

Sent = tuple[Any, int | None]
"""A message, and the descriptor of an open file that goes along, open until the next is asked for."""
_LOOPBACK = ("localhost:", "127.", "[::1]:")


class LocalDoor:
    """Connections to one server; a call has one for itself. Safe for several threads."""

    def __init__(self, target: str, terms: Terms, first: Frames) -> None:
        self._target = target
        self._timeout = terms.timeout
        self._along = {"agent": terms.agent, "transaction": dict(terms.metadata).get(TRANSACTION_KEY, "")}
        self._lock = Lock()
        self._idle = [first]
        self._open = WeakSet((first,))

    def close(self) -> None:
        """End all connections, and so every call."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()
            busy = list(self._open)
        for frames in busy:
            frames.interrupt()

    def call(self, method: Method, request: Any) -> Any:
        """Call a method that takes one message. Raises CalfError."""
        responses = self._responses(method, request)
        return responses if method.server_streaming else _only(responses)

    def send(self, method: Method, requests: Iterator[Sent]) -> Any:
        """Call a method that takes a stream. What making the requests raises ends the call, and goes on."""
        frames = self._begin(method)
        self._send(frames, requests)
        return _only(self._read(method, frames))

    def _responses(self, method: Method, request: Any) -> Iterator[Any]:
        frames = self._begin(method)
        self._send(frames, iter([(request, None)]))
        return self._read(method, frames)

    def _send(self, frames: Frames, requests: Iterator[Sent]) -> None:
        """Send all requests; what goes wrong, in making them too, ends the connection."""
        try:
            for message, handed in requests:
                frames.send(MESSAGE, message.SerializeToString(), handed)
            frames.send(END)
        except (BrokenPipeError, ConnectionResetError):
            return  # the server has said why, before it went
        except BaseException as error:
            frames.close()
            if isinstance(error, TimeoutError):
                raise _too_late() from error
            raise

    def _begin(self, method: Method) -> Frames:
        while True:
            with self._lock:
                idle = self._idle.pop() if self._idle else None
            frames = idle or self._connect()
            frames.limit(None if method.path in LEASES else self._timeout)
            try:
                frames.send(CALL, describe({"method": method.path, **self._along}))
            except OSError as error:
                frames.close()
                if isinstance(error, TimeoutError):
                    raise _too_late() from error
                if idle is None:
                    self._fail(error)  # or else the server was started anew since
            else:
                return frames

    def _connect(self) -> Frames:
        frames = _connect(self._target)
        if frames is None:
            self._fail(None)
        with self._lock:
            self._open.add(frames)
        return frames

    def _read(self, method: Method, frames: Frames) -> Iterator[Any]:
        """The responses; the connection is kept for the next call only when all of them were read."""
        done = False
        try:
            while (frame := self._receive(frames))[0] == MESSAGE:
                yield method.response.FromString(frame[1])
            if frame[0] == ERROR:
                raise _error(read_description(frame[1]))
            done = True
        finally:
            if done:
                with self._lock:
                    self._idle.append(frames)
            else:
                frames.close()

    def _receive(self, frames: Frames) -> tuple[int, bytes]:
        try:
            frame = frames.receive()
        except TimeoutError as error:
            raise _too_late() from error
        except (OSError, BrokenFrames) as error:
            self._fail(error)
        if frame is None:
            self._fail(None)
        return frame

    def _fail(self, error: Exception | None) -> NoReturn:
        raise Unreachable(
            f"no server answers at {self._target}",
            "start one with `calf up`, or name another with PACHD_ADDRESS or `pachctl connect`",
        ) from error


def find_door(target: str, terms: Terms) -> LocalDoor | None:
    """The door of the server at a TCP address, `host:port`, if it is this machine's and this user's."""
    if sys.platform != "linux" or not target.startswith(_LOOPBACK):
        return None
    first = _connect(target)
    return None if first is None else LocalDoor(target, terms, first)


def _connect(target: str) -> Frames | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(socket_name(target))
        if is_same_user(connection):
            return Frames(connection)
    except OSError:
        pass  # nobody has that name: the server is another one, or older
    connection.close()
    return None


def _too_late() -> TimedOut:
    return TimedOut("Deadline Exceeded")  # in gRPC's words


def _only(responses: Iterator[Any]) -> Any:
    [response] = list(responses)
    return response


def _error(said: dict[str, Any]) -> CalfError:
    words = [str(said.get(name, "")) for name in ("message", "hint", "field")]
    return make_error(Category(said["category"]), *words)
