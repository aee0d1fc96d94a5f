"""The gRPC server: sizes, keepalive, threads and addresses.

Each open stream (a subscription, a followed log, a wait) holds a thread, hence the large pool; past it, calls
are refused at once rather than left hanging. Clients that forget streams without closing them, as those of
python-pachyderm do until Python looks for garbage, must not use it up.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import grpc

from calf.kit.cancel import CancelToken
from calf.model.errors import Locked
from calf.rpc.admission import Admission
from calf.rpc.batches import with_batches
from calf.rpc.call import Handlers
from calf.rpc.handlers import bind
from calf.wire.limits import MAX_MESSAGE

THREADS = 1024
EVERYBODY = Admission()
"""Whoever can connect."""
OPTIONS = (
    # clients send up to 20 MiB in one message
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    # Go clients ping every 20 s, also without calls; the default would cut them off
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5000),
    ("grpc.http2.max_ping_strikes", 0),
    # a second server on the port must fail, not share it
    ("grpc.so_reuseport", 0),
)


@dataclass(frozen=True, slots=True)
class RpcServer:
    """A running server; `port` is the TCP port in use."""

    port: int
    _doors: tuple[_Door, ...]
    _stopping: CancelToken

    def stop(self, grace: float = 5.0) -> None:
        """Refuse new calls, wake everything that waits, give the rest `grace` seconds, then cut it off."""
        closing = [door.server.stop(grace) for door in self._doors]
        self._stopping.cancel()
        for closed in closing:
            closed.wait()
        for door in self._doors:
            door.pool.shutdown(wait=True)


@dataclass(frozen=True, slots=True)
class _Door:
    server: grpc.Server
    pool: ThreadPoolExecutor


def start_server(
    handlers: Handlers,
    address: str = "127.0.0.1:30650",
    socket: Path | None = None,
    threads: int = THREADS,
    admission: Admission = EVERYBODY,
) -> RpcServer:
    """Serve `handlers` at `address` (port 0 picks a free one), to whom `admission` lets in, and on a socket.

    The socket's folder must be private: on it, whoever can connect is trusted. Raises `Locked` when the
    address is taken.
    """
    stopping = CancelToken()
    bound = bind(with_batches(handlers), stopping)
    door = _open(bound, threads, admission)
    doors = [door]
    port = _listen(door.server, address, admission)
    if socket is not None:
        socket.unlink(missing_ok=True)
        if admission != EVERYBODY:
            doors.append(_open(bound, threads, EVERYBODY))
        _listen(doors[-1].server, f"unix:{socket}", EVERYBODY)
    for each in doors:
        each.server.start()
    return RpcServer(port, tuple(doors), stopping)


def _open(bound: list[grpc.GenericRpcHandler], threads: int, admission: Admission) -> _Door:
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="rpc")
    server = grpc.server(
        pool, interceptors=admission.interceptors(), options=OPTIONS, maximum_concurrent_rpcs=threads
    )
    server.add_generic_rpc_handlers(bound)
    return _Door(server, pool)


def _listen(server: grpc.Server, address: str, admission: Admission) -> int:
    credentials = admission.credentials()
    try:
        if credentials is not None:
            return int(server.add_secure_port(address, credentials))
        return int(server.add_insecure_port(address))
    except RuntimeError as error:
        raise Locked(
            f"cannot listen on {address}: the address is in use or not ours",
            "stop the server that holds it (`calf down --home ITS-FOLDER`), or choose another with --address;"
            " one whose folder was removed stops by itself within seconds",
        ) from error
