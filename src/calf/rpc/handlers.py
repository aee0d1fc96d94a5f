"""Turns the method table and our handlers into what gRPC serves: every method known, each behind one error
boundary.

A method without a handler answers UNIMPLEMENTED. Responses for pachyderm-sdk lose `commit.branch`, which
that client expects empty and python-pachyderm expects filled.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

import grpc
from google.protobuf.message import DecodeError

from calf.kit.atomic import disk_failure
from calf.kit.cancel import CancelToken
from calf.kit.logs import seldom
from calf.model.errors import CalfError, Cancelled, Category, Internal, Unimplemented
from calf.rpc.call import Call, Handler, Handlers
from calf.rpc.errors import status_of
from calf.rpc.pieces import LONG, find_piece
from calf.rpc.reading_ahead import read_ahead
from calf.wire.branches import clear_branches, wants_branches
from calf.wire.limits import TRANSACTION_KEY
from calf.wire.messages import message_class
from calf.wire.methods import Method, load_methods

_LOG = logging.getLogger(__name__)
_OF_THE_DISK = frozenset({Category.FULL, Category.DISK})
_MODIFICATION = "pfs_v2.ModifyFileRequest"


def bind(handlers: Handlers, stopping: CancelToken) -> list[grpc.GenericRpcHandler]:
    """One generic handler a service, covering the whole table.

    Raises KeyError for a handler whose method the API does not have: a mistake of ours, found at start.
    """
    table = load_methods()
    for path in handlers:
        if path not in table:
            raise KeyError(f"the API has no method {path}")
    services: dict[str, dict[str, grpc.RpcMethodHandler]] = {}
    for path, method in table.items():
        handler = handlers.get(path, unimplemented)
        services.setdefault(method.service, {})[method.name] = _bind_method(method, handler, stopping)
    return [grpc.method_handlers_generic_handler(name, methods) for name, methods in services.items()]


def unimplemented(_request: Any, call: Call) -> NoReturn:
    """What serves a method of the API that we do not have."""
    raise Unimplemented(
        f"unknown method {call.method.rpartition('/')[2]} for service {call.method[1:].rpartition('/')[0]}",
        "this server does not offer it yet",
    )


def _bind_method(method: Method, handler: Handler, stopping: CancelToken) -> grpc.RpcMethodHandler:
    wrap = _stream if method.server_streaming else _single
    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    make = kinds[method.client_streaming, method.server_streaming]
    # gRPC must not read the requests: one it cannot read looks like the end of its stream, and never ends
    return make(wrap(method, handler, stopping), response_serializer=_serialise)


def _serialise(response: Any) -> bytes:
    """What a handler gives may be a message, or what can be sent like one (`calf.wire.values`)."""
    serialised: bytes = response.SerializeToString()
    return serialised


def _single(method: Method, handler: Handler, stopping: CancelToken) -> Callable[..., Any]:
    def serve(request: Any, context: grpc.ServicerContext) -> Any:
        call = _describe(method, context, stopping)
        try:
            return _bridge(handler(_read(method, request, call), call), call)
        except Exception as error:  # noqa: BLE001 - the RPC boundary: every failure becomes a status
            _abort(context, call, error)

    return serve


def _stream(method: Method, handler: Handler, stopping: CancelToken) -> Callable[..., Any]:
    def serve(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        call = _describe(method, context, stopping)
        try:
            for response in handler(_read(method, request, call), call):
                yield _bridge(response, call)
        except Exception as error:  # noqa: BLE001 - the RPC boundary: every failure becomes a status
            _abort(context, call, error)

    return serve


def _describe(method: Method, context: grpc.ServicerContext, stopping: CancelToken) -> Call:
    metadata = dict(context.invocation_metadata())
    cancel = stopping.child()
    if not context.add_callback(cancel.cancel):
        cancel.cancel()
    return Call(
        method=method.path,
        user_agent=str(metadata.get("user-agent", "")),
        transaction=str(metadata.get(TRANSACTION_KEY, "")),
        cancel=cancel,
    )


def _read(method: Method, request: Any, call: Call) -> Any:
    return _read_stream(method, request, call) if method.client_streaming else parse(method, request)


def _read_stream(method: Method, stream: Iterable[bytes], call: Call) -> Iterator[Any]:
    """The client's messages; a client that dies in mid-stream is not the end of its stream but an error.

    gRPC ends the stream of a client that died as it ends a whole one, and tells of the death a moment later.
    What asks once more waits in line behind that news.
    """
    messages = iter(stream)
    try:
        for request in messages if method.server_streaming else read_ahead(messages):
            yield parse(method, request)
        next(messages, None)
    except grpc.RpcError as error:
        raise Cancelled("the client went away in mid-stream") from error
    call.cancel.check()


def parse(method: Method, request: bytes) -> Any:
    """The request message of these bytes. Raises `Internal`, as Pachyderm does, when it is none.

    Of a long one that adds bytes to a file, a `Piece`.
    """
    if len(request) >= LONG and method.request is message_class(_MODIFICATION):
        piece = find_piece(request)
        if piece is not None:
            return piece
    try:
        return method.request.FromString(request)
    except DecodeError as error:
        raise Internal(f"a request of {method.path} is no {method.request.DESCRIPTOR.full_name}") from error


def _bridge(response: Any, call: Call) -> Any:
    if not wants_branches(call.user_agent):
        clear_branches(response)
    return response


def attempt(work: Callable[[], None], call: Call) -> CalfError | None:
    """Do what serves a call; what the client is to be told when that fails."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - the RPC boundary: every failure becomes an answer
        return _told(call, error)
    return None


def _told(call: Call, error: Exception) -> CalfError:
    told = error if isinstance(error, CalfError) else None
    if isinstance(error, OSError):
        told = disk_failure(error)
    if told is not None:
        if told.category in _OF_THE_DISK:
            _LOG.error("%s failed: %s", call.method, told.message, extra=seldom(told.category.value))
        return told
    number = secrets.token_hex(4)
    _LOG.error("internal error %s in %s", number, call.method, exc_info=error)
    return Internal(
        f"internal error {number} in {call.method}", f"the server's log has the details under {number}"
    )


def _abort(context: grpc.ServicerContext, call: Call, error: Exception) -> NoReturn:
    code, details, trailer = status_of(_told(call, error))
    context.set_trailing_metadata(trailer)
    context.abort(code, details)
    raise AssertionError("abort returned")
