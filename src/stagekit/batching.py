"""Datum batching: one process works on many datums, and asks the worker for each.

With `datum_batching` the worker starts the stage once. Each call of `NextDatum` ends the datum before it
(as failed when it carries an error) and swaps the content of `/pfs`. After the last datum the call does not
return: the worker ends the process. The two messages are encoded by hand, so that a stage needs no
generated code: the request has the error as field 1 (string), the response the environment as field 1
(repeated string, `NAME=value`).
"""

from __future__ import annotations

import os
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stagekit.errors import StageError

_METHOD = "/pachyderm.worker.Worker/NextDatum"
_OPTIONS = (("grpc.enable_http_proxy", 0),)
_STRING_FIELD_1 = 0x0A
_LONGEST_ERROR = 1 << 20

NextDatum = Callable[[str], list[str]]


def run_datums(work: Callable[[], None]) -> None:
    """Call `work` once for each datum of the set, or once where no worker batches.

    An exception of `work` is printed and reported as that datum's error, and the loop goes on, so that one
    datum does not lose the others. Without a worker (`PPS_WORKER_GRPC_PORT` unset, or `CALF_BATCHING=off`)
    it goes through. Raises `StageError` when the worker cannot be reached.
    """
    port = os.environ.get("PPS_WORKER_GRPC_PORT", "")
    if not port or os.environ.get("CALF_BATCHING") == "off":
        work()
    elif short_way := os.environ.get("CALF_NEXT_DATUM", ""):
        with asking_directly(short_way) as next_datum:
            loop(next_datum, work)
    else:
        with asking_by_grpc(port) as next_datum:
            loop(next_datum, work)


@contextmanager
def asking_by_grpc(port: str) -> Iterator[NextDatum]:
    """Ask as every worker answers, Pachyderm's too."""
    import grpc  # a tenth of a second, which nobody else needs

    with grpc.insecure_channel(f"127.0.0.1:{port}", options=_OPTIONS) as channel:
        call = channel.unary_unary(_METHOD, request_serializer=encode_error, response_deserializer=decode_env)
        try:
            yield lambda error: call(error, wait_for_ready=True)
        except grpc.RpcError as error:
            raise StageError(f"the worker on port {port} ended the batch: {error}") from error


@contextmanager
def asking_directly(path: str) -> Iterator[NextDatum]:
    """Ask calf's worker by a socket: messages with their length in four bytes before them, both ways."""
    with _connected(path) as worker, worker.makefile("rb") as answers:

        def ask(error: str) -> list[str]:
            message = _encode(error)[:_LONGEST_ERROR]
            worker.sendall(len(message).to_bytes(4, "big") + message)
            length = answers.read(4)
            answer = answers.read(int.from_bytes(length, "big"))
            if not answer:
                raise StageError("the worker ended the batch")
            return answer.decode(errors="surrogateescape").split("\0")

        try:
            yield ask
        except ConnectionError as error:
            raise StageError(f"the worker ended the batch: {error}") from error


@contextmanager
def _connected(path: str) -> Iterator[socket.socket]:
    """Connect to a socket whose path may be longer than the 107 bytes of a socket's address."""
    place = Path(path)
    with socket.socket(socket.AF_UNIX) as worker:
        try:
            folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY)
            try:
                worker.connect(f"/proc/self/fd/{folder}/{place.name}")
            finally:
                os.close(folder)
        except OSError as error:
            raise StageError(f"the worker cannot be reached at {path}: {error}") from error
        yield worker


def loop(next_datum: NextDatum, work: Callable[[], None]) -> None:
    """Ask for a datum, work on it, report how it went with the next question; ends only by an exception."""
    error = ""
    while True:
        os.environ.update(dict(line.split("=", 1) for line in next_datum(error) if "=" in line))
        error = _attempt(work)


def _attempt(work: Callable[[], None]) -> str:
    """Give the error of one datum, or an empty string."""
    try:
        work()
    except StageError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the datum's log
        return str(error) or "failed"
    except Exception as error:  # noqa: BLE001 - the worker loop: reported as the datum's error
        traceback.print_exc()
        return f"{type(error).__name__}: {error}"
    return ""


def encode_error(error: str) -> bytes:
    """Encode a request; an empty error is an empty message."""
    content = _encode(error)
    return bytes([_STRING_FIELD_1]) + _varint(len(content)) + content if content else b""


def _encode(error: str) -> bytes:
    """A name that is no UTF-8 may be in it."""
    return error.encode(errors="backslashreplace")


def decode_env(message: bytes) -> list[str]:
    """Decode a response into its environment lines. Raises `ValueError` for a message of another shape."""
    lines: list[str] = []
    at = 0
    while at < len(message):
        if message[at] != _STRING_FIELD_1:
            raise ValueError(f"unknown field tag {message[at]} in the worker's answer")
        length, at = _read_varint(message, at + 1)
        if at + length > len(message):
            raise ValueError("the worker's answer is truncated")
        lines.append(message[at : at + length].decode())
        at += length
    return lines


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(message):
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number, at
        shift += 7
    raise ValueError("the worker's answer is truncated")
