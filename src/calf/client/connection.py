"""The connection: every method of the API as a method of `client.pfs`, `client.pps` and so on.

    with connect("localhost:30650") as client:
        for info in client.pfs.ListRepo(pfs.ListRepoRequest(type="user")):
            ...

A method takes a request message (an iterable of them when it streams) and gives a response message (an
iterator of them when the server streams). Failures are `CalfError`s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import grpc

from calf.client.config import is_secure, parse_address
from calf.client.errors import read_error
from calf.model.errors import Precondition
from calf.wire.gathered import runs_at_once
from calf.wire.limits import MAX_MESSAGE, NO_FILES, TRANSACTION_KEY
from calf.wire.messages import google
from calf.wire.methods import Method, find_method

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
)
_SERVICES = {
    "admin": "admin_v2.API",
    "auth": "auth_v2.API",
    "debug": "debug_v2.Debug",
    "enterprise": "enterprise_v2.API",
    "files": "calf_v1.Files",
    "health": "grpc.health.v1.Health",
    "identity": "identity_v2.API",
    "licence": "license_v2.API",
    "pfs": "pfs_v2.API",
    "pps": "pps_v2.API",
    "snapshot": "snapshot.API",
    "transaction": "transaction_v2.API",
    "version": "versionpb_v2.API",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What goes along with every call."""

    agent: str = "calf"
    metadata: tuple[tuple[str, str], ...] = ()
    timeout: float | None = None
    """Seconds that an answer may take; a call that takes longer raises TimedOut."""
    certificates: bytes | None = None
    """Roots that a `grpcs://` server is trusted by, PEM; the machine's own when None."""
    at_once: Callable[[], None] | None = None
    """Told of each call that changes something at once although a transaction is open."""


_PLAIN = Terms()


class Service:
    """A service of the API; its attributes are the methods."""

    __slots__ = ("_client", "_name")

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda request: self._client.call(f"/{self._name}/{name}", request)


class Client:
    """An open connection; close it, or use it in a `with`. Safe for several threads."""

    def __init__(self, address: str, terms: Terms = _PLAIN) -> None:
        self.target = parse_address(address)
        self._is_in_transaction = any(key == TRANSACTION_KEY and value for key, value in terms.metadata)
        self._at_once = terms.at_once if self._is_in_transaction else None
        self._along = {"metadata": terms.metadata, "timeout": terms.timeout}
        options = (*_OPTIONS, ("grpc.primary_user_agent", terms.agent))
        if is_secure(address):
            trust = grpc.ssl_channel_credentials(terms.certificates)
            self._channel = grpc.secure_channel(self.target, trust, options)
        else:
            self._channel = grpc.insecure_channel(self.target, options)

    def __getattr__(self, name: str) -> Service:
        if name not in _SERVICES:
            raise AttributeError(name)
        return Service(self, _SERVICES[name])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection and every call on it."""
        self._channel.close()

    def call(self, path: str, request: Any) -> Any:
        """Call a method by its path, as in `/pfs_v2.API/InspectRepo`. Raises CalfError."""
        method = find_method(path)
        stub = self._stub(method)
        if self._at_once is not None and runs_at_once(path):
            self._at_once()
        if method.server_streaming:
            return self._responses(stub(request, **self._along))
        try:
            return stub(request, **self._along)
        except grpc.RpcError as error:
            raise read_error(error, self.target) from error

    def start(self, path: str, requests: Iterator[Any], *, compress: bool = False) -> Any:
        """Start a client-streaming call; the future's `cancel` ends it before the stream is complete.

        Raises `Precondition` while a transaction is open: files cannot be part of one.
        """
        if self._is_in_transaction:
            raise Precondition(
                NO_FILES,
                "`pachctl finish transaction` or `pachctl stop transaction` first, then put the files",
            )
        compression = grpc.Compression.Gzip if compress else None
        return self._stub(find_method(path)).future(requests, compression=compression, **self._along)

    def serves_batches(self) -> bool:
        """Whether the server is ours and so takes ModifyFile in batches."""
        return str(self.version.GetVersion(google.Empty()).additional).startswith("-calf")

    def _stub(self, method: Method) -> Any:
        make = {
            (False, False): self._channel.unary_unary,
            (False, True): self._channel.unary_stream,
            (True, False): self._channel.stream_unary,
            (True, True): self._channel.stream_stream,
        }[method.client_streaming, method.server_streaming]
        return make(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )

    def _responses(self, stream: Any) -> Iterator[Any]:
        try:
            yield from stream
        except grpc.RpcError as error:
            raise read_error(error, self.target) from error
        finally:
            stream.cancel()


def connect(address: str, terms: Terms = _PLAIN) -> Client:
    """Open a connection to `grpc://host:port`, `grpcs://host:port`, `host:port` or `unix:/path`.

    Nothing is sent before the first call.
    """
    return Client(address, terms)
