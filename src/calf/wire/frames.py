"""How client and server talk when both are the same user's, on the same machine: frames on a socket.

The messages are gRPC's, without gRPC: loading that costs a client more than most calls. A frame is its kind
(1 byte), the length of its body (4 bytes, little-endian) and the body. The client says CALL (which method,
and what goes along), then MESSAGE once or, when it streams, any number of times and END. The server says
MESSAGE likewise, then END; or, at any point, ERROR, and nothing after it. Then the next call may follow.
An open file may be handed along with a MESSAGE.

The socket has an abstract name, made of the user and the TCP address that it stands for. Such names belong
to a network namespace, as ports do, vanish with their process, and are nowhere to be left behind. Both sides
ask the kernel who the other one is.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from array import array
from collections import deque
from contextlib import suppress
from typing import Any

from calf.wire.limits import MAX_MESSAGE

CALL, MESSAGE, END, ERROR = range(1, 5)
_HEAD = struct.Struct("<BI")
_CREDENTIALS = struct.Struct("3i")
_DESCRIPTOR = array("i").itemsize
_HOSTS = {"localhost": "127.0.0.1"}


class BrokenFrames(Exception):
    """What came is no whole frame: the other side died, or is none of ours."""


def socket_name(target: str) -> str:
    """The name of the socket that stands for a TCP address, `host:port`, of this user's server."""
    host, _, port = target.rpartition(":")
    return f"\0calf/1/{os.getuid()}/{_HOSTS.get(host, host)}:{port}"


def is_same_user(connection: socket.socket) -> bool:
    """Whether the process at the other end is this user's; the kernel says so."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(raw)[1] == os.getuid())


class Frames:
    """One end of a connection; for one thread at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._deadline: float | None = None
        self.handed: deque[int] = deque()
        """Descriptors of the files that came along and were not taken yet; `close` closes them."""

    def send(self, kind: int, body: bytes = b"", handed: int | None = None) -> None:
        """Send a frame, with an open file if one is given. OSError when the other side is gone."""
        head = _HEAD.pack(kind, len(body))
        along = [] if handed is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [handed]))]
        self._let_wait()
        done = self.socket.sendmsg([head, body], along)
        if done < len(head) + len(body):
            rest = memoryview(head + body if done < len(head) else body)
            self.socket.sendall(rest[done if done < len(head) else done - len(head) :])

    def receive(self) -> tuple[int, bytes] | None:
        """The next frame; None when the other side is through. Raises `BrokenFrames`, OSError."""
        head = self._head()
        if not head:
            return None
        kind, length = _HEAD.unpack(head)
        if length > MAX_MESSAGE:
            raise BrokenFrames(f"a frame of {length} bytes is too long")
        return kind, self._exactly(length)

    def limit(self, seconds: float | None) -> None:
        """Raise TimeoutError where anything goes on for longer than this from now; None: it never does."""
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self.socket.settimeout(seconds)

    def interrupt(self) -> None:
        """End the connection under whoever uses it, in whatever thread; he finds it ended."""
        with suppress(OSError):  # it has been closed
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the connection, and let go of what was handed over and not taken."""
        self.drop_handed()
        self.socket.close()

    def drop_handed(self) -> None:
        """Close the files that were handed over and not taken."""
        while self.handed:
            os.close(self.handed.popleft())

    def _let_wait(self) -> None:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.socket.settimeout(left)

    def _head(self) -> bytes:
        self._let_wait()
        room = socket.CMSG_SPACE(_DESCRIPTOR)
        head, along, _flags, _ = self.socket.recvmsg(_HEAD.size, room, socket.MSG_CMSG_CLOEXEC)
        for level, kind, data in along:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                self.handed.extend(array("i", data[: len(data) - len(data) % _DESCRIPTOR]))
        return head + self._exactly(_HEAD.size - len(head)) if head else b""

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            self._let_wait()
            more = self.socket.recv(size - len(found), socket.MSG_WAITALL)
            if not more:
                raise BrokenFrames("the other side went away in mid-frame")
            found = found + more if found else more
        return found


def describe(values: dict[str, Any]) -> bytes:
    """The body of a CALL or an ERROR."""
    return json.dumps(values).encode()


def read_description(body: bytes) -> dict[str, Any]:
    """Back from `describe`. Raises `BrokenFrames`."""
    try:
        values = json.loads(body)
    except ValueError as error:
        raise BrokenFrames("a frame holds no description") from error
    if not isinstance(values, dict):
        raise BrokenFrames("a frame holds no description")
    return values
