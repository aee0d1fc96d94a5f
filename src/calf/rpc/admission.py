"""Who may come in over TCP: over TLS, where the server has a certificate; with a token, where it wants one.

Whoever reaches the port may try, so a call without a token is turned away before anything of its request is
read: no method is an exception, for one that waits for its request is a thread that anybody can hold. The
sockets of this machine's own user are other doors, and ask for neither.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc

from calf.kit.guessing import Guesses
from calf.model.errors import CalfError, Unauthenticated, Unreachable
from calf.rpc.errors import status_of
from calf.wire.limits import AUTHENTICATION_KEY

_HINT = "have its owner give you one, then `pachctl auth use-auth-token < FILE`"
_NO_TOKEN = Unauthenticated("no authentication token (try logging in)", _HINT)
_WRONG_TOKEN = Unauthenticated(
    "provided auth token is corrupted or has expired (try logging in again)", _HINT
)
_TOO_MANY = Unreachable(
    "too many wrong tokens came from this address",
    "wait some seconds, and see that no program there goes on with an old token",
)
_KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")


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
    """Lets calls pass that bring one of the tokens; others end as UNAUTHENTICATED, with Pachyderm's words.

    Whoever shows wrong ones too often ends as UNAVAILABLE, and is told nothing.
    """

    def __init__(self, tokens: Collection[bytes], guesses: Guesses | None = None) -> None:
        self._tokens = tuple(tokens)
        self._guesses = guesses or Guesses()

    def intercept_service(
        self, continuation: Callable[[Any], grpc.RpcMethodHandler], call: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler:
        """See `grpc.ServerInterceptor`."""
        given = [
            value for key, value in call.invocation_metadata or () if key == AUTHENTICATION_KEY and value
        ]
        if not given:
            return _turned_away(lambda _peer: _NO_TOKEN)
        if self._is_one(given):
            return _guarded(continuation(call), self._refusal)
        times = len(given)
        return _turned_away(lambda peer: _TOO_MANY if self._guesses.count(peer, times) else _WRONG_TOKEN)

    def _refusal(self, peer: str) -> CalfError | None:
        return None if self._guesses.spares(peer) else _TOO_MANY

    def _is_one(self, given: Iterable[object]) -> bool:
        # all are compared, each to its end: how long that takes says nothing about any of them
        same = [hmac.compare_digest(digest(str(value)), token) for value in given for token in self._tokens]
        return any(same)


def _turned_away(complaint: Callable[[str], CalfError]) -> grpc.RpcMethodHandler:
    """What ends a call of a peer with what `complaint` says of him."""

    def end(_requests: Any, context: grpc.ServicerContext) -> NoReturn:
        _abort(complaint(context.peer()), context)

    # of the four kinds this is the one for which gRPC waits for no request
    return grpc.stream_stream_rpc_method_handler(end)


def _guarded(
    handler: grpc.RpcMethodHandler | None, refusal: Callable[[str], CalfError | None]
) -> grpc.RpcMethodHandler:
    """The same, for those peers whom nothing is held against; None stands for a method that there is not.

    Whoever is refused must not learn from that whether his token is right: here, too, no request is waited
    for, and no method is an exception.
    """

    def serve_or_end(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        error = refusal(context.peer())
        if error is not None:
            _abort(error, context)
        if handler is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")  # in gRPC's words
        yield from _serve(handler, requests, context)

    return grpc.stream_stream_rpc_method_handler(
        serve_or_end, response_serializer=handler and handler.response_serializer
    )


def _serve(
    handler: grpc.RpcMethodHandler, requests: Iterator[Any], context: grpc.ServicerContext
) -> Iterator[Any]:
    """What a handler of any kind answers."""
    [serve] = [act for name in _KINDS if (act := getattr(handler, name))]
    given = requests if handler.request_streaming else next(requests, None)
    if given is None:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "the method takes one request, and none came")
    answers = serve(given, context)
    yield from answers if handler.response_streaming else (answers,)


def _abort(error: CalfError, context: grpc.ServicerContext) -> NoReturn:
    code, details, trailer = status_of(error)
    context.set_trailing_metadata(trailer)
    context.abort(code, details)
    raise AssertionError("abort returned")
