"""Calls by gRPC, to any server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import grpc

from calf.client.pipe import Pipe
from calf.client.statuses import read_error
from calf.client.terms import LEASES, Terms
from calf.wire.limits import MAX_MESSAGE
from calf.wire.methods import Method

_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
)


class GrpcDoor:
    """A channel; nothing is sent before the first call. Safe for several threads."""

    def __init__(self, target: str, terms: Terms, *, secure: bool) -> None:
        self._target, self._trusted = target, terms.certificates
        self._along = {"metadata": terms.metadata, "timeout": terms.timeout}
        options = (*_OPTIONS, ("grpc.primary_user_agent", terms.agent))
        if secure:
            trust = grpc.ssl_channel_credentials(terms.certificates)
            self.channel = grpc.secure_channel(target, trust, options)
        else:
            self.channel = grpc.insecure_channel(target, options)

    def close(self) -> None:
        """End the connection and every call on it."""
        self.channel.close()

    def call(self, method: Method, request: Any) -> Any:
        """Call a method; `request` is an iterator of messages where the client streams. Raises CalfError."""
        stub = self._stub(method)
        if method.server_streaming:
            along = self._along | {"timeout": None} if method.path in LEASES else self._along
            return self._responses(stub(request, **along))
        try:
            return stub(request, **self._along)
        except grpc.RpcError as error:
            raise read_error(error, self._target, self._trusted) from error

    def start(self, method: Method, requests: Iterator[Any], *, compress: bool = False) -> Any:
        """Start a call of a client that streams; gives the future of its response."""
        compression = grpc.Compression.Gzip if compress else None
        return self._stub(method).future(requests, compression=compression, **self._along)

    def send(self, method: Method, messages: Iterable[Any], *, compress: bool = False) -> Any:
        """Make the messages in this thread while gRPC sends them; gives the response. Raises CalfError.

        When making a message fails, the call is cancelled, so that nothing of it is kept, and the exception
        goes on.
        """
        pipe = Pipe()
        future = self.start(method, iter(pipe), compress=compress)
        future.add_done_callback(lambda _future: pipe.close())
        try:
            for message in messages:
                if not pipe.put(message):
                    break
            pipe.finish()
            return future.result()
        except grpc.RpcError as error:
            raise read_error(error, self._target, self._trusted) from error
        except BaseException:
            future.cancel()
            raise

    def _stub(self, method: Method) -> Any:
        make = {
            (False, False): self.channel.unary_unary,
            (False, True): self.channel.unary_stream,
            (True, False): self.channel.stream_unary,
            (True, True): self.channel.stream_stream,
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
            raise read_error(error, self._target, self._trusted) from error
        finally:
            stream.cancel()
