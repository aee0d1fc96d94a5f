"""Objects: immutable byte strings named by the BLAKE3 of their bytes."""

from __future__ import annotations

from typing import NamedTuple

from blake3 import blake3

ID_SIZE = 32
EMPTY_HASH: bytes = blake3(b"").digest()


class Location(NamedTuple):
    """Where an object lies: `stored` bytes at `offset` in a pack, encoded by `codec`; `size` once decoded."""

    offset: int
    stored: int
    size: int
    codec: int


def object_id(data: bytes | memoryview) -> bytes:
    """The id of these bytes (32 bytes)."""
    return blake3(data).digest()


def is_object(oid: bytes, data: bytes | memoryview) -> bool:
    """Whether these are the bytes that the id stands for."""
    return object_id(data) == oid
