"""Long pieces of files, taken out of a client's message where they lie.

Protobuf's library copies such a piece twice before anybody has looked at it, each time into memory that the
kernel has to find first: for 20 MiB that takes longer than hashing them.
"""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import DecodeError

from calf.wire import varints
from calf.wire.messages import pfs

LONG = 256 << 10
"""Bytes of a message for which this is worth while."""
_ADD_FILE, _RAW, _VALUE = 0x12, 0x1A, 0x0A
"""What these fields begin with: ModifyFileRequest.add_file, AddFile.raw, BytesValue.value."""
_FIELDS_BEFORE = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """Among the requests of a ModifyFile: bytes to add to a file, as a request with `raw` says it."""

    path: str
    datum: str
    value: memoryview


def find_piece(message: bytes) -> Piece | None:
    """The piece of a serialised ModifyFileRequest that adds one, if it comes last in it, as clients write it.

    None for everything else, also for what cannot be read: that is for the library to say.
    """
    try:
        return _read(message)
    except (ValueError, DecodeError):
        return None


def _read(message: bytes) -> Piece | None:
    at = _enter(message, 0, _ADD_FILE)
    before = at
    for _ in range(_FIELDS_BEFORE):
        if at is not None and at < len(message) and message[at] != _RAW:
            at = _after(message, at)
    start = None if at is None else _enter(message, at, _RAW)
    value = None if start is None else _enter(message, start, _VALUE)
    if value is None:
        return None
    file = pfs.AddFile.FromString(message[before:at])
    if file.WhichOneof("source") is not None:
        return None
    return Piece(file.path, file.datum, memoryview(message)[value:])


def _enter(message: bytes, at: int, key: int) -> int | None:
    """Where the content begins of the field that begins at `at` with this key and reaches to the end."""
    if message[at : at + 1] != bytes((key,)):
        return None
    start, size = varints.read(message, at + 1)
    return start if start + size == len(message) else None


def _after(message: bytes, at: int) -> int | None:
    """Where the field ends that begins at `at`, if it is one with a length and a small number."""
    if message[at] & 0x87 != 2:
        return None
    start, size = varints.read(message, at + 1)
    return start + size
