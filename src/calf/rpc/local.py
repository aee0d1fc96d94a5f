"""The door for clients of the same user on the same machine: the same methods over a socket, without gRPC.

Who may come in is decided by the kernel's word on whose process it is. Through this door, and no other, a
client may hand over open files to be read. Frames: `calf.wire.frames`.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from calf.kit.cancel import CancelToken
from calf.model.errors import CalfError, Cancelled, InvalidArgument, NoSpace, Unimplemented
from calf.rpc.batches import with_batches
from calf.rpc.call import Call, Handlers
from calf.rpc.handlers import attempt, parse, unimplemented
from calf.rpc.local_watch import Watch
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
from calf.wire.methods import Method, load_methods

_LOG = logging.getLogger(__name__)
_BACKLOG = 64
_PAUSE = 0.05
MOST = 256
"""Connections at once; one more is refused, not left hanging, since each may wait for something."""


class LocalServer:
    """A running door; a thread for each connection, and one that notices who goes away in mid-call."""

    def __init__(self, handlers: Handlers, listener: socket.socket, most: int = MOST) -> None:
        self._most = most
        self._handlers = with_batches(handlers)
        self._listener = listener
        self._stopping = CancelToken()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._threads: dict[threading.Thread, Frames] = {}
        self._watch = Watch()
        self._accepting = threading.Thread(target=self._accept, name="local", daemon=True)
        self._accepting.start()

    def stop(self, grace: float) -> None:
        """Let nobody in any more, wake what waits, give the rest `grace` seconds, then cut it off."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        self._stopping.cancel()
        with self._lock:
            left = dict(self._threads)
        for frames in left.values():
            with suppress(OSError):
                frames.socket.shutdown(socket.SHUT_RD)
        deadline = time.monotonic() + grace
        for thread in left:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._watch.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                if self._closing.wait(_PAUSE):
                    return
                continue  # no descriptor was free, or a client was gone at once
            if not is_same_user(connection):
                connection.close()
                continue
            frames = Frames(connection)
            thread = threading.Thread(target=self._serve, args=(frames,), name="local-call", daemon=True)
            with self._lock:
                self._threads[thread] = frames
            thread.start()

    def _serve(self, frames: Frames) -> None:
        try:
            if len(self._threads) > self._most:
                frames.receive()
                full = NoSpace(f"{self._most} clients are served already", "try again when some are through")
                frames.send(ERROR, describe(_values(full)))
                return
            while self._one_call(frames):
                pass
        except (OSError, BrokenFrames) as error:
            _LOG.debug("a local client went away: %s", error)
        finally:
            with self._lock:
                del self._threads[threading.current_thread()]
            frames.close()

    def _one_call(self, frames: Frames) -> bool:
        """Serve the next call; whether another may follow on this connection."""
        frame = frames.receive()
        if frame is None:
            return False
        if frame[0] != CALL:
            raise BrokenFrames("a call begins with CALL")
        said = read_description(frame[1])
        method = load_methods().get(str(said.get("method")))
        if method is None:  # of a client that is newer than this server
            unknown = Unimplemented(
                f"unknown method {said.get('method')}", "this server does not offer it yet"
            )
            frames.send(ERROR, describe(_values(unknown)))
            return False
        call = Call(
            method=method.path,
            user_agent=str(said.get("agent", "")),
            transaction=str(said.get("transaction", "")),
            cancel=self._stopping.child(),
            handed=frames.handed,
        )
        requests = _Requests(frames, method, call, partial(self._watch.add, frames.socket, call.cancel))
        try:
            failed = attempt(partial(self._answer, frames, requests, call), call)
        finally:
            self._watch.remove(frames.socket)
            frames.drop_handed()
        if failed is None:
            frames.send(END)
        else:
            frames.send(ERROR, describe(_values(failed)))
        return requests.ended

    def _answer(self, frames: Frames, requests: _Requests, call: Call) -> None:
        method = requests.method
        handler = self._handlers.get(method.path, unimplemented)
        result = handler(iter(requests) if method.client_streaming else requests.only(), call)
        for response in result if method.server_streaming else (result,):
            try:
                frames.send(MESSAGE, response.SerializeToString())
            except OSError as error:
                raise Cancelled("the client went away") from error


def _values(error: CalfError) -> dict[str, str]:
    return {
        "category": error.category.value,
        "message": error.message,
        "hint": error.hint,
        "field": error.field,
    }


class _Requests:
    """The messages of one call; `ended` once the last was read, of which `on_end` is told."""

    def __init__(self, frames: Frames, method: Method, call: Call, on_end: Callable[[], None]) -> None:
        self.method = method
        self.ended = False
        self._frames = frames
        self._call = call
        self._on_end = on_end

    def only(self) -> Any:
        """The one message of a client that does not stream. Raises InvalidArgument for none or several."""
        messages = list(self)
        if len(messages) != 1:
            raise InvalidArgument(f"{self.method.path} takes one message, not {len(messages)}")
        return messages[0]

    def __iter__(self) -> Iterator[Any]:
        while (frame := self._receive()) is not None:
            kind, body = frame
            if kind == END:
                self.ended = True
                self._on_end()
                return
            if kind != MESSAGE:
                raise InvalidArgument(f"a frame of kind {kind} is no part of a request")
            yield parse(self.method, body)
        raise Cancelled("the client went away in mid-stream")

    def _receive(self) -> tuple[int, bytes] | None:
        self._call.cancel.check()
        try:
            return self._frames.receive()
        except (OSError, BrokenFrames) as error:
            raise Cancelled("the client went away in mid-stream") from error


def serve_locally(handlers: Handlers, address: str) -> LocalServer | None:
    """Serve `handlers` to this user's processes that mean the server at the TCP `address`, `host:port`.

    None where that cannot be: another system than Linux, or somebody has the name. Then there is gRPC.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(socket_name(address))
    except OSError as error:
        listener.close()
        _LOG.warning("no local socket for %s: %s", address, error)
        return None
    listener.listen(_BACKLOG)
    return LocalServer(handlers, listener)
