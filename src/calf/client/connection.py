"""The connection: every method of the API as a method of `client.pfs`, `client.pps` and so on.

    with connect("localhost:30650") as client:
        for info in client.pfs.ListRepo(pfs.ListRepoRequest(type="user")):
            ...

A method takes a request message (an iterable of them when it streams) and gives a response message (an
iterator of them when the server streams). Failures are `CalfError`s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from calf.client.config import is_secure, parse_address
from calf.client.local_door import LocalDoor, Sent, find_door
from calf.client.terms import Terms
from calf.model.errors import Precondition
from calf.wire.gathered import runs_at_once
from calf.wire.limits import NO_FILES, TRANSACTION_KEY
from calf.wire.messages import google
from calf.wire.methods import find_method

if TYPE_CHECKING:
    from calf.client.grpc_door import GrpcDoor

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


class _Of:
    """A service as an attribute of a client: not by `__getattr__`, which would hide errors of others."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, client: Client, _owner: type[Client]) -> Service:
        return Service(client, self._name)


class Client:
    """An open connection; close it, or use it in a `with`. Safe for several threads.

    To a server of the same user on the same machine it is a socket without gRPC, if the server has one.
    """

    admin = _Of("admin_v2.API")
    auth = _Of("auth_v2.API")
    debug = _Of("debug_v2.Debug")
    enterprise = _Of("enterprise_v2.API")
    files = _Of("calf_v1.Files")
    health = _Of("grpc.health.v1.Health")
    identity = _Of("identity_v2.API")
    licence = _Of("license_v2.API")
    pfs = _Of("pfs_v2.API")
    pps = _Of("pps_v2.API")
    snapshot = _Of("snapshot.API")
    transaction = _Of("transaction_v2.API")
    version = _Of("versionpb_v2.API")

    def __init__(self, address: str, terms: Terms = _PLAIN) -> None:
        self._address, self.target = address, parse_address(address)
        self._within: dict[float, Client] = {}
        self._secure = is_secure(address)
        self._terms = terms
        self._is_in_transaction = any(key == TRANSACTION_KEY and value for key, value in terms.metadata)
        self._at_once = terms.at_once if self._is_in_transaction else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection and every call on it."""
        for name in ("local", "grpc"):
            if self.__dict__.get(name) is not None:
                self.__dict__[name].close()
        for hurried in list(self._within.values()):
            hurried.close()

    def call(self, path: str, request: Any) -> Any:
        """Call a method by its path, as in `/pfs_v2.API/InspectRepo`. Raises CalfError."""
        if self._at_once is not None and runs_at_once(path):
            self._at_once()
        method = find_method(path)
        if self.local is not None and not method.client_streaming:
            return self.local.call(method, request)
        return self.grpc.call(method, request)

    def send(self, path: str, requests: Iterator[Sent], *, compress: bool = False) -> Any:
        """Call a method that takes a stream, and give its response; the requests are made in this thread.

        An exception of theirs ends the call, so that nothing of it is kept, and goes on. An open file may
        be sent along only if `hands_files`. Raises CalfError; `Precondition` as `start` does.
        """
        self._check_no_transaction()
        if self.local is not None:
            return self.local.send(find_method(path), requests)
        return self.grpc.send(find_method(path), (message for message, _ in requests), compress=compress)

    def start(self, path: str, requests: Iterator[Any]) -> Any:
        """Start a client-streaming call; the future's `cancel` ends it before the stream is complete.

        Raises `Precondition` while a transaction is open: files cannot be part of one.
        """
        self._check_no_transaction()
        return self.grpc.start(find_method(path), requests)

    def within(self, seconds: float) -> Client:
        """A connection for calls that may take no longer, else they raise `TimedOut`; it ends with this one.

        The same one each time, so that asking with little patience costs no connection.
        """
        if seconds not in self._within:
            made = Client(self._address, replace(self._terms, timeout=seconds))
            self._within.setdefault(seconds, made)
        return self._within[seconds]

    @property
    def hands_files(self) -> bool:
        """Whether the server can be handed open files instead of their bytes."""
        return self.local is not None

    def serves_batches(self) -> bool:
        """Whether the server is ours and so takes ModifyFile in batches."""
        return self.local is not None or str(self.version.GetVersion(google.Empty()).additional).startswith(
            "-calf"
        )

    @cached_property
    def local(self) -> LocalDoor | None:
        """The way to a server of this user on this machine; None when there is no such server."""
        return None if self._secure else find_door(self.target, self._terms)

    @cached_property
    def grpc(self) -> GrpcDoor:
        """The way to any server."""
        from calf.client.grpc_door import GrpcDoor

        return GrpcDoor(self.target, self._terms, secure=self._secure)

    def _check_no_transaction(self) -> None:
        if self._is_in_transaction:
            raise Precondition(
                NO_FILES,
                "`pachctl finish transaction` or `pachctl stop transaction` first, then put the files",
            )


def connect(address: str, terms: Terms = _PLAIN) -> Client:
    """Open a connection to `grpc://host:port`, `grpcs://host:port`, `host:port` or `unix:/path`.

    Nothing is sent before the first call.
    """
    return Client(address, terms)
