"""Very small pictures, good and bad, made without an imaging library."""

from __future__ import annotations

import base64
import struct
import zlib

SIDE = 24
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62r"
    "Z4C8ybqmx5moq6T/wAALCAAYABgBAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABAMF/8QAFRABAQAAAAAAAAAAAAAAAAAAAwD/2gAIAQEA"
    "AD8AwjKUZSTKgZSjKSZUDKUZSTK//9k="
)
"""A grey ramp of 24 by 24 pixels."""


def png(*values: int) -> bytes:
    """A grey picture of 24 by 24 pixels, its rows holding these values in turn."""
    rows = b"".join(bytes([0]) + bytes([values[row % len(values)]]) * SIDE for row in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
