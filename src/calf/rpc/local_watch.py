"""Who goes away while he waits for an answer: his call is cancelled."""

from __future__ import annotations

import select
import socket
import threading

from calf.kit.cancel import CancelToken

_ENDED = select.EPOLLRDHUP | select.EPOLLHUP


class Watch:
    """Cancels the calls of the local door whose clients went away; one thread looks for all of them."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._lock = threading.Lock()
        self._tokens: dict[int, CancelToken] = {}
        self._bell, self._rope = socket.socketpair()
        self._epoll.register(self._bell, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name="local-watch", daemon=True)
        self._thread.start()

    def add(self, connection: socket.socket, token: CancelToken) -> None:
        """From now on `token` is cancelled when nobody is at the other end any more."""
        with self._lock:
            if self._epoll.closed:
                token.cancel()  # the server has stopped, and this call was given up
                return
            self._tokens[connection.fileno()] = token
            self._epoll.register(connection, _ENDED | select.EPOLLONESHOT)

    def remove(self, connection: socket.socket) -> None:
        """Its call is over; to be said before the connection is closed."""
        with self._lock:
            if self._tokens.pop(connection.fileno(), None) is not None and not self._epoll.closed:
                self._epoll.unregister(connection)

    def close(self) -> None:
        """End the thread."""
        self._rope.close()
        self._thread.join()
        with self._lock:
            self._epoll.close()
        self._bell.close()

    def told(self, descriptor: int) -> None:
        """The kernel says that its client went; it may be the descriptor of another by now, who is there."""
        with self._lock:
            token = self._tokens.get(descriptor)
            if token is None or not _is_over(descriptor):
                return
        token.cancel()

    def _run(self) -> None:
        while True:
            for descriptor, _ in self._epoll.poll():
                if descriptor == self._bell.fileno():
                    return
                self.told(descriptor)


def _is_over(descriptor: int) -> bool:
    looking = select.poll()
    looking.register(descriptor, select.POLLRDHUP)
    return bool(looking.poll(0))
