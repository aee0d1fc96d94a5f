"""The bytes of a pack file: a magic number, blobs, an index of them, a footer (docs/design/storage.md).

A pack is named by the BLAKE3 of its index, so equal packs have equal names, and a footer that was torn or
damaged cannot pass for a good one.
"""

from __future__ import annotations

import os
import struct
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from calf.storage.objects import ID_SIZE, Location, object_id

HEADER = b"calfpk01"
SUFFIX = ".pack"
DRAFT_SUFFIX = ".draft"
_ROW = struct.Struct(f"<{ID_SIZE}sQIIB")
_FOOTER = struct.Struct("<QQ32s8s")
_FOOTER_MAGIC = b"calfend1"
MAX_OBJECT = 2**32 - 1
PACK_LIMIT = 256 << 20
"""Bytes from which on the next pack is begun."""
ROW_SIZE = _ROW.size
FOOTER_SIZE = _FOOTER.size
OVERHEAD = len(HEADER) + FOOTER_SIZE
"""Bytes of a pack that are neither blobs nor rows."""


class BadPack(Exception):
    """The file is not a whole pack; the text says what is wrong with it."""


def encode_index(rows: Iterable[tuple[bytes, Location]]) -> bytes:
    """The index section, in the order of the blobs."""
    return b"".join(_ROW.pack(oid, *at) for oid, at in rows)


def encode_footer(index: bytes, offset: int) -> tuple[bytes, bytes]:
    """The pack's name (32 bytes) and its footer, for an index that begins at `offset`."""
    name = object_id(index)
    return name, _FOOTER.pack(offset, len(index), name, _FOOTER_MAGIC)


def read_index(path: Path) -> Iterator[tuple[bytes, Location]]:
    """The objects of a pack file, from its index. Raises `BadPack` before the first one or not at all."""
    with path.open("rb") as file:
        offset, length, name = _read_footer(file)
        file.seek(offset)
        index = file.read(length)
    if object_id(index) != name or path.name != name.hex() + SUFFIX:
        raise BadPack("its index is damaged")
    for oid, *location in _ROW.iter_unpack(index):
        yield oid, Location(*location)


def misshapen(path: Path) -> str:
    """What is wrong with the size, the beginning or the end of a pack file; empty for nothing.

    Reads no more than that. Raises FileNotFoundError.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(HEADER)) != HEADER:
                return "its beginning is damaged"
            name = _read_footer(file)[2]
    except BadPack as error:
        return str(error)
    return "" if path.name == name.hex() + SUFFIX else "its footer is that of another pack"


def unsoundness(path: Path) -> str:
    """What is wrong with a pack file besides its blobs, which have hashes of their own; empty for nothing."""
    try:
        with path.open("rb") as file:
            if file.read(len(HEADER)) != HEADER:
                return "its beginning is damaged"
        deque(read_index(path), maxlen=0)
    except BadPack as error:
        return str(error)
    except FileNotFoundError:
        return "it is gone"
    return ""


def _read_footer(file: BinaryIO) -> tuple[int, int, bytes]:
    """Where the index begins, its length and the pack's name; the file's size must agree."""
    size = file.seek(0, os.SEEK_END)
    if size < len(HEADER) + _FOOTER.size:
        raise BadPack("it is too short")
    file.seek(size - _FOOTER.size)
    offset, length, name, magic = _FOOTER.unpack(file.read(_FOOTER.size))
    if magic != _FOOTER_MAGIC or offset + length + _FOOTER.size != size or length % _ROW.size:
        raise BadPack("its footer is damaged")
    return offset, length, name
