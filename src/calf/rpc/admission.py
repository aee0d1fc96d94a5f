"""Who may come in over TCP: over TLS, where the server has a certificate; with a token, where it wants one.

Whoever reaches the port may try, so a call without a token is turned away before anything of its request is
read: no method is an exception, for one that waits for its request is a thread that anybody can hold. The
sockets of this machine's own user are other doors, and ask for neither.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn

import grpc

from calf.model.errors import CalfError, Unauthenticated
from calf.rpc.errors import status_of
from calf.wire.limits import AUTHENTICATION_KEY

_HINT = "have its owner give you one, then `pachctl auth use-auth-token < FILE`"


@dataclass(frozen=True, slots=True)
class Admission:
    """`certificate` and `key`, PEM, are for TLS; `tokens` are digests, one of which must be a caller's."""

    certificate: bytes = b""
    key: bytes = field(default=b"", repr=False)
    tokens: tuple[bytes, ...] = field(default=(), repr=False)

    def credentials(self) -> grpc.ServerCredentials | None:
        """What gRPC does TLS with; None for none."""
        return grpc.ssl_server_credentials([(self.key, self.certificate)]) if self.certificate else None

    def interceptors(self) -> tuple[grpc.ServerInterceptor, ...]:
        """What stands before every call."""
        return (Gatekeeper(self.tokens),) if self.tokens else ()


def digest(token: str) -> bytes:
    """What a server keeps of a token: enough to know it again, no use to whoever reads it."""
    return hashlib.sha256(token.encode()).digest()


class Gatekeeper(grpc.ServerInterceptor):  # type: ignore[misc]  # grpc has no types
    """Lets calls pass that bring one of the tokens; others end as UNAUTHENTICATED, with Pachyderm's words."""

    def __init__(self, tokens: Collection[bytes]) -> None:
        self._tokens = tuple(tokens)

    def intercept_service(
        self, continuation: Callable[[Any], grpc.RpcMethodHandler], call: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler:
        """See `grpc.ServerInterceptor`."""
        error = self._complaint(call.invocation_metadata)
        if error is None:
            return continuation(call)
        # of the four kinds this is the one for which gRPC waits for no request
        return grpc.stream_stream_rpc_method_handler(partial(_turn_away, error))

    def _complaint(self, metadata: Any) -> CalfError | None:
        given = [value for key, value in metadata or () if key == AUTHENTICATION_KEY and value]
        if not given:
            return Unauthenticated("no authentication token (try logging in)", _HINT)
        # all are compared, each to its end: how long that takes says nothing about any of them
        same = [hmac.compare_digest(digest(str(value)), token) for value in given for token in self._tokens]
        if any(same):
            return None
        return Unauthenticated(
            "provided auth token is corrupted or has expired (try logging in again)", _HINT
        )


def _turn_away(error: CalfError, _requests: Any, context: grpc.ServicerContext) -> NoReturn:
    code, details, trailer = status_of(error)
    context.set_trailing_metadata(trailer)
    context.abort(code, details)
    raise AssertionError("abort returned")
